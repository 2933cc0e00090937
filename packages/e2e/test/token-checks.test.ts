import { ask, startStack, type Stack } from './stack.js';

// Every call of OpenStack's face is checked at identity once in a few seconds for each token, whichever API is called.

let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
  await stack.stop('metering'); // it checks compute's token at identity whenever it is told something
}, 150_000);
afterAll(() => stack?.close(), 30_000);

/** Checks of tokens that identity has answered: quickly, and by Express, where refusals are. */
const COUNTED = [
  ['nefos_identity_hot_answers_total{', 'operation="v3_tokens_get"'],
  ['nefos_http_request_seconds_count{', 'method="GET"', 'route="/identity/v3/auth/tokens"'],
];
const checks = async (): Promise<number> => {
  const { text } = await ask(`${stack.origin('identity')}/metrics`);
  return text
    .split('\n')
    .filter((line) => COUNTED.some((parts) => parts.every((part) => line.includes(part))))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
};
/** How many checks the work causes. */
const checksOf = async (work: () => Promise<unknown>): Promise<number> => {
  const before = await checks();
  await work();
  return (await checks()) - before;
};
const newToken = async (): Promise<string> => {
  const { status, headers } = await ask(`${stack.origin('identity')}/identity/v3/auth/tokens`, {
    method: 'POST',
    body: { auth: { identity: { methods: ['token'], token: { id: stack.credentials.compute.user.token } } } },
  });
  expect(status).toBe(201);
  return String(headers['x-subject-token']);
};
const PATHS = ['/compute/v2.1/servers/detail', '/image/v2/images', '/network/v2.0/networks', '/volume/v3/volumes'];
const call = async (path: string, token: string): Promise<number> =>
  (await ask(stack.origin('compute') + path, { headers: { 'X-Auth-Token': token } })).status;

/** What is remembered of a token is used for four seconds. */
const FRESH_MS = 3500;
/** How many checks each piece of work causes; where the machine is slow, once more with a token that is new. */
const checksInTime = async (pieces: ((token: string) => Promise<unknown>)[], tries = 10): Promise<number[]> => {
  const token = await newToken();
  const started = performance.now();
  const counts: number[] = [];
  for (const piece of pieces) counts.push(await checksOf(() => piece(token)));
  return performance.now() - started < FRESH_MS || tries === 0 ? counts : checksInTime(pieces, tries - 1);
};

it.each(PATHS)('one check of a token that is new, none of one that was checked: %s', async (path) => {
  const works = async (token: string, at = path): Promise<void> => expect(await call(at, token)).toBe(200);
  const everywhere = async (token: string): Promise<void> => {
    for (const other of PATHS) await works(token, other);
  };
  expect(await checksInTime([works, works, everywhere])).toEqual([1, 0, 0]);
});
it('one check of twenty calls at once with a token that is new', async () => {
  const token = await newToken();
  const statuses: number[] = [];
  expect(
    await checksOf(async () => {
      const calls = Array.from({ length: 20 }, (_, i) => call(PATHS[i % PATHS.length] as string, token));
      statuses.push(...(await Promise.all(calls)));
    }),
  ).toBe(1);
  expect(new Set(statuses)).toEqual(new Set([200]));
});
it('one check of a token that identity refuses, none without a token and of the documents that need none', async () => {
  const wrong = 'nothing-of-the-kind-0000000000000000';
  expect(await checksOf(async () => expect(await call(PATHS[0] as string, wrong)).toBe(401))).toBe(1);
  expect(
    await checksOf(async () => {
      expect((await ask(stack.origin('compute') + (PATHS[0] as string))).status).toBe(401);
      for (const path of ['/compute/v2.1/', '/image/versions', '/network/', '/volume/v3/'])
        expect([200, 300]).toContain((await ask(stack.origin('compute') + path)).status);
    }),
  ).toBe(0);
});
