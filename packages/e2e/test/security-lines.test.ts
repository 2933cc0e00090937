import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import { ask, eventually, startStack, type ServiceName, type Stack } from './stack.js';

// Failed sign-ins in an operator's log: who, from where, why, in one line each; and never a secret.

let stack: Stack;
let gateway: ChildProcess;
let origin: string;
let gatewayOutput = '';
const PASSWORD = 'wrong-PaSsWoRd-that-must-not-show';
const TOKEN = 'a-bad-token-that-must-not-show-0123456789';
interface Line {
  security?: boolean;
  level: string;
  event: string;
  result: string;
  who: string | null;
  from: string | null;
  why?: string;
  request_id: string;
  [more: string]: unknown;
}
const linesOf = (text: string): Line[] =>
  text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
const security = (name: ServiceName, id: string): Line[] =>
  linesOf(stack.log(name)).filter((line) => line.security === true && line.request_id === id);
const found = (...which: Parameters<typeof security>): Line[] | undefined => {
  const lines = security(...which);
  return lines.length ? lines : undefined;
};
let last = 0;
const newId = (): string => `7b2d5c1e-0f4a-4a57-9d0e-${String((last += 1)).padStart(12, '0')}`;
/** A request through the gateway, with the client's address given by a proxy in front of it. */
const send = async (url: string, options: { method?: string; headers?: Record<string, string>; body?: unknown }) => {
  const id = newId();
  const answer = await ask(origin + url, {
    ...options,
    headers: { 'X-Request-Id': id, 'X-Forwarded-For': '203.0.113.9', ...options.headers },
  });
  return { ...answer, id };
};

beforeAll(async () => {
  stack = await startStack();
  gateway = spawn(process.execPath, [path.resolve(__dirname, '../../../services/gateway/dist/main.js')], {
    env: {
      PATH: process.env.PATH,
      NEFOS_GATEWAY_PORT: '0',
      NEFOS_GATEWAY_ACCESS_LOG: 'on',
      NEFOS_IDENTITY_URL: stack.origin('identity'),
      NEFOS_COMPUTE_URL: stack.origin('compute'),
      NEFOS_METERING_URL: stack.origin('metering'),
      NEFOS_INTROSPECTION_URL: stack.origin('introspection'),
    },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  gateway.stdout?.setEncoding('utf8').on('data', (part: string) => {
    gatewayOutput += part;
  });
  const port = await eventually(
    'the gateway listens',
    async () => linesOf(gatewayOutput).find((line) => line.msg === 'listening')?.port as number,
  );
  origin = `http://127.0.0.1:${port}`;
}, 150_000);
afterAll(async () => {
  gateway?.kill();
  await stack?.close();
}, 30_000);

it('a refused password is one line at identity: whose, from which address, and why', async () => {
  const { user } = stack.credentials.identity;
  const v3 = (name: string) => ({
    auth: {
      identity: { methods: ['password'], password: { user: { name, domain: { id: 'default' }, password: PASSWORD } } },
    },
  });
  for (const [body, path_, expected] of [
    [v3(user.email), '/identity/v3/auth/tokens', { who: user.uuid, why: 'password', door: 'v3' }],
    [v3('nobody@example.com'), '/identity/v3/auth/tokens', { who: null, why: 'unknown', name: 'nobody@example.com' }],
    [v3('a password in the wrong field'), '/identity/v3/auth/tokens', { who: null, why: 'unknown', name: null }],
    [
      { auth: { passwordCredentials: { username: user.uuid, password: PASSWORD } } },
      '/identity/v2.0/tokens',
      { who: user.uuid, why: 'password', door: 'v2' },
    ],
  ] as const) {
    const { id, status } = await send(path_, { method: 'POST', body });
    expect(status).toBe(401);
    const lines = await eventually('its line', async () => found('identity', id));
    expect(lines).toMatchObject([
      { level: 'warn', event: 'login', result: 'refused', from: '203.0.113.9', ...expected },
    ]);
  }
});
it('a refused token, and a right that is missing, are one line each at every service', async () => {
  const { user } = stack.credentials.identity;
  const customer = stack.credentials.compute.user.token;
  for (const [name, url, headers, status, expected] of [
    ['identity', '/account/v1.0/authenticate', { 'X-Auth-Token': TOKEN }, 401, { who: null, why: 'token.unknown' }],
    ['identity', '/identity/v2.0/users', { 'X-Auth-Token': user.token }, 403, { who: user.uuid }],
    ['compute', '/staffapi/clients', { Authorization: `Token ${TOKEN}` }, 401, { who: null, why: 'invalid_token' }],
    ['compute', '/staffapi/clients', { Authorization: `Token ${customer}` }, 403, { why: 'permission_denied' }],
    ['metering', '/v2/accounts/', { 'X-Auth-Token': TOKEN }, 403, { who: null, why: 'token.unknown' }],
    [
      'metering',
      '/v2/accounts/',
      { 'X-RH-IDENTITY': 'bm90IGpzb24=' },
      403,
      { who: null, why: 'header.invalid: Expecting value: line 1 column 1 (char 0)' },
    ],
  ] as const) {
    const { id, status: answered } = await send(url, { headers: { ...headers } });
    expect([url, answered]).toEqual([url, status]);
    const lines = await eventually('its line', async () => found(name, id));
    expect(lines).toMatchObject([
      { level: 'warn', event: 'request', result: 'refused', from: '203.0.113.9', method: 'GET', ...expected },
    ]);
    expect(lines[0]?.route).toBeDefined();
  }
  // A request without credentials is no attempt to sign in.
  const { id } = await send('/staffapi/clients', {});
  expect(security('compute', id)).toEqual([]);
});
it("a refused log-in of the portal is a line at compute with the client's address", async () => {
  const { id, status } = await send('/staffapi/login', {
    method: 'POST',
    body: { username: 'nobody', password: PASSWORD },
  });
  expect(status).toBe(400);
  const lines = await eventually('its line', async () => found('compute', id));
  expect(lines).toMatchObject([
    { level: 'warn', event: 'login', result: 'refused', who: null, from: '203.0.113.9', why: 'unknown', side: 'staff' },
  ]);
});
it('a line of the access log has one "service", and no token of a path', async () => {
  const { id } = await send(`/identity/v2.0/tokens/${TOKEN}/endpoints`, { headers: { 'X-Auth-Token': TOKEN } });
  const line = await eventually('its line', async () =>
    gatewayOutput.split('\n').find((one) => one.includes(id) && one.includes('"msg":"request"')),
  );
  expect(line.match(/"service":/g)).toHaveLength(1);
  expect(JSON.parse(line)).toMatchObject({
    service: 'gateway',
    upstream: 'identity',
    path: '/identity/v2.0/tokens/***/endpoints',
  });
});
it('nor has one of a token with slashes in it', async () => {
  for (const before of ['/identity/v2.0/tokens', '/identity/v2.0//tokens/']) {
    const { id } = await send(`${before}/${TOKEN}/${TOKEN}==`, {});
    const line = await eventually('its line', async () =>
      gatewayOutput.split('\n').find((one) => one.includes(id) && one.includes('"msg":"request"')),
    );
    expect(JSON.parse(line).path).toMatch(/\/tokens\/\*\*\*$/);
  }
});
it('no line of any service has a key twice', () => {
  for (const text of [
    gatewayOutput,
    ...(['identity', 'compute', 'metering', 'introspection'] as const).map((name) => stack.log(name)),
  ])
    for (const line of text.split('\n').filter((one) => one.startsWith('{')))
      expect(JSON.stringify(JSON.parse(line))).toHaveLength(line.length);
});
it('no log has a password or a token of these requests', () => {
  for (const text of [
    gatewayOutput,
    ...(['identity', 'compute', 'metering', 'introspection'] as const).map((name) => stack.log(name)),
  ]) {
    expect(text).not.toContain(PASSWORD);
    expect(text).not.toContain(TOKEN);
    expect(text).not.toContain(stack.credentials.identity.user.token);
    expect(text).not.toContain('a password in the wrong field');
  }
});
