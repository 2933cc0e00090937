import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, eventually, startStack, type Stack } from './stack.js';

/** Seconds that identity is gone; the grace is 60. */
const AWAY = 30;
let stack: Stack;
beforeAll(async () => {
  stack = await startStack();
}, 150_000);
afterAll(() => stack?.close(), 30_000);

const compute = async (token: string) => {
  const started = Date.now();
  const { status, headers } = await ask(`${stack.origin('compute')}/staffapi/clients`, {
    headers: { Authorization: `Token ${token}` },
  });
  return { status, retryAfter: headers['retry-after'], ms: Date.now() - started };
};
const metering = async (token: string) => {
  const started = Date.now();
  const { status, headers } = await ask(`${stack.origin('metering')}/v2/instances/`, {
    headers: { 'X-Auth-Token': token },
  });
  return { status, retryAfter: headers['retry-after'], ms: Date.now() - started };
};
const unknown = (): string => randomBytes(20).toString('hex');
const known = (): string => stack.credentials.compute.staff.token;

/** Sends requests with a known and an unknown token to both services for `seconds`, and checks every answer. */
const holds = async (seconds: number, patience: number): Promise<void> => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(250)) {
    const [a, b, c, d] = await Promise.all([
      compute(known()),
      metering(known()),
      compute(unknown()),
      metering(unknown()),
    ]);
    expect([a.status, b.status, c.status, d.status]).toEqual([200, 200, 503, 503]);
    for (const { retryAfter } of [c, d]) expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
    expect(Math.max(a.ms, b.ms)).toBeLessThan(patience);
  }
};
const wellAgain = async (): Promise<void> => {
  await eventually(
    'an unknown token is refused again, not unavailable',
    async () => (await compute(unknown())).status === 401,
    10,
  );
  await eventually('metering too', async () => [401, 403].includes((await metering(unknown())).status), 10);
  expect([(await compute(known())).status, (await metering(known())).status]).toEqual([200, 200]);
  // The first request of this end user: compute asks identity.
  expect((await compute(stack.credentials.compute.user.token)).status).toBe(403);
};

it(`identity stopped for ${AWAY} s: a known token works, an unknown one gets 503 with Retry-After`, async () => {
  expect([(await compute(known())).status, (await metering(known())).status]).toEqual([200, 200]);
  await stack.stop('identity');
  await holds(AWAY, 2000);
  expect((await ask(`${stack.origin('compute')}/healthz`)).status).toBe(200);
  expect((await ask(`${stack.origin('compute')}/readyz`)).status).toBe(503);
  await stack.start('identity');
  await wellAgain();
}, 90_000);

it('identity that takes connections and says nothing: the same, and nobody waits long', async () => {
  expect([(await compute(known())).status, (await metering(known())).status]).toEqual([200, 200]);
  stack.freeze('identity');
  await holds(10, 2000);
  stack.thaw('identity');
  await wellAgain();
}, 60_000);

it('killed and started again: sessions of the middleware survive without a single wrong answer', async () => {
  const statuses = new Set<number>();
  let going = true;
  const load = Promise.all(
    Array.from({ length: 4 }, async () => {
      while (going) {
        statuses.add((await compute(known())).status);
        await sleep(20);
      }
    }),
  );
  try {
    await stack.kill('identity');
    await sleep(1500);
    await stack.start('identity');
    await sleep(1500);
  } finally {
    going = false;
    await load;
  }
  expect([...statuses]).toEqual([200]);
}, 60_000);
