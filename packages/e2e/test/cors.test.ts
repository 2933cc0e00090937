import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { ask, eventually, startStack, type Stack } from './stack.js';

// Pages of chosen origins may call the JSON APIs with tokens: through the gateway, and at services that browsers reach
// alone.

const SERVICES = ['identity', 'compute', 'metering', 'introspection'] as const;
const PORTAL = 'https://portal.example.com';
const STRANGER = 'https://portal.example.com.evil.example';
let stack: Stack;
let gateway: ChildProcess;
let front: string;

const startGateway = async (env: Record<string, string>): Promise<string> => {
  let output = '';
  gateway = spawn(process.execPath, [path.resolve(__dirname, '../../../services/gateway/dist/main.js')], {
    env: {
      PATH: process.env.PATH,
      NEFOS_GATEWAY_PORT: '0',
      ...Object.fromEntries(SERVICES.map((name) => [`NEFOS_${name.toUpperCase()}_URL`, stack.origin(name)])),
      ...env,
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  gateway.stdout?.setEncoding('utf8').on('data', (part: string) => {
    output += part;
  });
  const port = await eventually('the gateway listens', async () =>
    Number(/"port":(\d+),"msg":"listening"/.exec(output)?.[1] ?? 0),
  );
  return `http://127.0.0.1:${port}`;
};
const restart = async (env: Record<string, string>): Promise<void> => {
  gateway?.kill();
  await Promise.all(SERVICES.map((name) => stack.stop(name)));
  await stack.start('identity', env);
  await Promise.all((['compute', 'metering', 'introspection'] as const).map((name) => stack.start(name, env)));
  front = await startGateway(env);
};
/**
 * Requests that succeed, that are refused, and that identity answers on its hot path; each at its service and through
 * the gateway.
 */
const requests = (): [what: string, url: string, headers: Record<string, string>, status: number][] => {
  const { identity, compute } = stack.credentials;
  const rh = { 'X-RH-IDENTITY': Buffer.from('{"identity":{"account_number":"1337"}}').toString('base64') };
  const asked: [name: (typeof SERVICES)[number], url: string, headers: Record<string, string>, status: number][] = [
    ['identity', '/account/v1.0/authenticate', { 'X-Auth-Token': identity.user.token }, 200],
    ['identity', '/identity/v3/auth/projects', { 'X-Auth-Token': identity.user.token }, 200],
    ['identity', '/identity/v3/auth/projects', {}, 401],
    ['compute', '/staffapi/clients', { Authorization: `Token ${compute.staff.token}` }, 200],
    ['compute', '/staffapi/clients', {}, 401],
    ['metering', '/v2/accounts/', rh, 200],
    ['introspection', '/v1', {}, 200],
    ['introspection', '/v1/nothing/there', {}, 404],
    ['metering', '/v2/accounts/4711/', rh, 404],
  ];
  return asked.flatMap(([name, url, headers, status]) =>
    [stack.origin(name), front].map((origin): [string, string, Record<string, string>, number] => [
      `${status} ${origin === front ? 'through the gateway' : 'alone'}: ${url}`,
      origin + url,
      headers,
      status,
    ]),
  );
};
const list = (header: string | string[] | undefined): string[] =>
  String(header ?? '')
    .toLowerCase()
    .split(/, ?/)
    .filter(Boolean);

beforeAll(async () => {
  stack = await startStack();
  front = await startGateway({});
}, 150_000);
afterAll(async () => {
  gateway?.kill();
  await stack?.close();
}, 30_000);

it('off by default: no answer has a CORS header, and OPTIONS is what it was', async () => {
  for (const [what, url, headers, status] of requests()) {
    const answer = await ask(url, { headers: { ...headers, Origin: PORTAL } });
    expect([what, answer.status, answer.headers['access-control-allow-origin']]).toEqual([what, status, undefined]);
    const preflight = await ask(url, {
      method: 'OPTIONS',
      headers: { Origin: PORTAL, 'Access-Control-Request-Method': 'GET' },
    });
    expect([what, preflight.headers['access-control-allow-origin']]).toEqual([what, undefined]);
  }
});
it('a chosen origin: every answer, refusals too, names it once and varies by Origin; no cookies', async () => {
  await restart({ NEFOS_CORS_ORIGINS: `http://localhost:3000, ${PORTAL}` });
  for (const [what, url, headers, status] of requests()) {
    const answer = await ask(url, { headers: { ...headers, Origin: PORTAL } });
    expect([what, answer.status, answer.headers['access-control-allow-origin']]).toEqual([what, status, PORTAL]);
    expect([what, list(answer.headers.vary).filter((one) => one === 'origin')]).toEqual([what, ['origin']]);
    expect(list(answer.headers['access-control-expose-headers'])).toEqual(
      expect.arrayContaining(['x-subject-token', 'x-request-id', 'retry-after']),
    );
    expect(answer.headers['access-control-allow-credentials']).toBeUndefined();

    const preflight = await ask(url, {
      method: 'OPTIONS',
      headers: {
        Origin: PORTAL,
        'Access-Control-Request-Method': 'PATCH',
        'Access-Control-Request-Headers': 'x-auth-token,content-type',
      },
    });
    expect([what, preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([what, 204, PORTAL]);
    expect(list(preflight.headers['access-control-allow-methods'])).toEqual(
      expect.arrayContaining(['get', 'post', 'put', 'patch', 'delete']),
    );
    expect(list(preflight.headers['access-control-allow-headers'])).toEqual(
      expect.arrayContaining(['x-auth-token', 'authorization', 'content-type']),
    );
    expect(list(preflight.headers['access-control-allow-headers'])).not.toContain('x-rh-identity');
    expect(list(preflight.headers.vary)).toContain('origin');
    expect(preflight.headers['access-control-allow-credentials']).toBeUndefined();

    // Other origins get no CORS header; Vary says that the answer depends on the origin.
    for (const origin of [STRANGER, 'null', undefined]) {
      const other = await ask(url, { headers: { ...headers, ...(origin !== undefined && { Origin: origin }) } });
      expect([what, origin, other.status, other.headers['access-control-allow-origin']]).toEqual([
        what,
        origin,
        status,
        undefined,
      ]);
      expect(list(other.headers.vary)).toContain('origin');
    }
    const refused = await ask(url, {
      method: 'OPTIONS',
      headers: { Origin: STRANGER, 'Access-Control-Request-Method': 'GET' },
    });
    expect(refused.headers['access-control-allow-origin']).toBeUndefined();
  }
  // An OPTIONS request that is no preflight goes to the API.
  expect(
    (await ask(`${front}/v2/accounts/`, { method: 'OPTIONS', headers: { ...requests().at(-1)![2], Origin: PORTAL } }))
      .text,
  ).toContain('Account List');
  // The other values of Vary stay.
  const [, url, headers] = requests()[0]!;
  expect(list((await ask(url, { headers: { ...headers, Origin: PORTAL } })).headers.vary)).toEqual([
    'x-auth-token',
    'origin',
  ]);
  // The list of services stays open to all, as in the original; pages, internal endpoints and the operator's are
  // closed.
  expect(
    (await ask(`${front}/ui/get_services`, { headers: { Origin: STRANGER } })).headers['access-control-allow-origin'],
  ).toBe('*');
  for (const one of [
    `${front}/ui/login`,
    `${stack.origin('metering')}/internal/v1/events`,
    `${stack.origin('compute')}/metrics`,
  ])
    expect([one, (await ask(one, { headers: { Origin: PORTAL } })).headers['access-control-allow-origin']]).toEqual([
      one,
      undefined,
    ]);
  // The gateway's own refusals can be read as well.
  await stack.stop('compute');
  const away = await ask(`${front}/staffapi/clients`, { headers: { Origin: PORTAL } });
  expect([away.status, away.headers['access-control-allow-origin']]).toEqual([503, PORTAL]);
  await stack.start('compute');
}, 60_000);
// Caches pass on answers to requests without an origin too.
it('* allows every origin, without Vary, and is also in answers to requests without an origin', async () => {
  await restart({ NEFOS_CORS_ORIGINS: '*' });
  const [, url, headers] = requests()[1]!;
  const answer = await ask(url, { headers: { ...headers, Origin: STRANGER } });
  expect([answer.headers['access-control-allow-origin'], list(answer.headers.vary)]).toEqual(['*', ['x-auth-token']]);
  for (const [what, to, more, status] of requests())
    for (const origin of [STRANGER, 'null', undefined]) {
      const one = await ask(to, { headers: { ...more, ...(origin !== undefined && { Origin: origin }) } });
      expect([what, origin, one.status, one.headers['access-control-allow-origin']]).toEqual([
        what,
        origin,
        status,
        '*',
      ]);
      expect(list(one.headers.vary)).not.toContain('origin');
    }
  for (const one of [`${front}/ui/login`, `${stack.origin('metering')}/internal/v1/events`])
    expect([one, (await ask(one, {})).headers['access-control-allow-origin']]).toEqual([one, undefined]);
}, 60_000);
