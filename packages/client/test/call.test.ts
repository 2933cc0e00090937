import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  ApiError,
  createCaller,
  createIdentityClient,
  createMeteringClient,
  retryAfterSeconds,
  type CallerOptions,
} from '../src/index.js';

type Handler = (req: IncomingMessage, res: ServerResponse, body: string) => void;
let server: Server;
let origin: string;
let answer: Handler;
let seen: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[];
let sockets: Set<unknown>;
beforeAll(async () => {
  server = createServer((req, res) => {
    let body = '';
    req
      .setEncoding('utf8')
      .on('data', (part: string) => {
        body += part;
      })
      .on('end', () => {
        sockets.add(req.socket);
        seen.push({ method: req.method!, url: req.url!, headers: req.headers, body });
        answer(req, res, body);
      });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  seen = [];
  sockets = new Set();
  answer = json(200, { ok: true });
});
const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Handler =>
  (_req, res) => {
    res.writeHead(status, { 'Content-Type': 'application/json', ...headers }).end(JSON.stringify(body));
  };
/** One answer after the other; the last one stays. */
const inTurn =
  (...handlers: Handler[]): Handler =>
  (req, res, body) => {
    (handlers.length > 1 ? handlers.shift()! : handlers[0]!)(req, res, body);
  };
const caller = (options: Partial<CallerOptions> = {}) =>
  createCaller({ baseURL: origin, token: 'sEcReT-token', ...options });
const failure = async (work: Promise<unknown>): Promise<ApiError> => {
  try {
    await work;
  } catch (err) {
    return err as ApiError;
  }
  throw new Error('it should have failed');
};

describe('a call', () => {
  it('fills the path, shows the token, hands the request id on', async () => {
    await caller({ requestId: () => 'req-outer' })({
      method: 'post',
      path: '/things/:id/parts',
      params: { id: 'a/b c' },
      query: { page: 2 },
      body: { x: 1 },
    });
    await caller({ scheme: 'token' })({ method: 'get', path: '/', requestId: 'req-inner' });
    expect(seen[0]).toMatchObject({
      method: 'POST',
      url: '/things/a%2Fb%20c/parts?page=2',
      body: '{"x":1}',
      headers: { 'x-auth-token': 'sEcReT-token', 'x-request-id': 'req-outer', 'content-type': 'application/json' },
    });
    expect(seen[1]?.headers).toMatchObject({ authorization: 'Token sEcReT-token', 'x-request-id': 'req-inner' });
  });
  it('uses one connection for calls one after the other', async () => {
    const call = caller();
    for (let i = 0; i < 5; i += 1) await call({ method: 'get', path: '/' });
    expect(sockets.size).toBe(1);
  });
  it('does not follow a redirect with the token', async () => {
    answer = (_req, res) => {
      res.writeHead(302, { Location: `${origin}/elsewhere` }).end();
    };
    expect(await failure(caller()({ method: 'get', path: '/' }))).toMatchObject({ status: 302, code: 'refused' });
    expect(seen).toHaveLength(1);
  });
});

describe('an error', () => {
  it("refused: status, the peer's words, its request id and Retry-After", async () => {
    answer = json(429, { detail: 'slow down' }, { 'Retry-After': '7', 'X-Request-Id': 'req-theirs' });
    expect(await failure(caller()({ method: 'get', path: '/' }))).toMatchObject({
      status: 429,
      code: 'refused',
      body: { detail: 'slow down' },
      retryAfter: 7,
      requestId: 'req-theirs',
    });
  });
  it('unreachable: no status, the reason by name', async () => {
    expect(
      await failure(
        caller({ baseURL: 'http://127.0.0.1:1', retries: 0 })({ method: 'get', path: '/', requestId: 'req-mine' }),
      ),
    ).toMatchObject({ status: null, code: 'unreachable', reason: 'ECONNREFUSED', requestId: 'req-mine' });
  });
  it('timeout: the whole call is bounded, also when bytes trickle', async () => {
    answer = (_req, res) => {
      res.writeHead(200);
      const drip = setInterval(() => res.write(' '), 20);
      res.on('close', () => clearInterval(drip));
    };
    const started = Date.now();
    expect(await failure(caller({ timeoutMs: 150 })({ method: 'get', path: '/' }))).toMatchObject({
      status: null,
      code: 'timeout',
    });
    expect(Date.now() - started).toBeLessThan(1000);
  });
  it('holds no token: not in its text, not in anything a log would print', async () => {
    answer = json(500, {});
    const refused = await failure(caller()({ method: 'get', path: '/tokens/:id', params: { id: 'sEcReT-subject' } }));
    const unreachable = await failure(
      caller({ baseURL: 'http://127.0.0.1:1', retries: 0 })({
        method: 'get',
        path: '/tokens/:id',
        params: { id: 'sEcReT-subject' },
      }),
    );
    for (const err of [refused, unreachable])
      expect(JSON.stringify({ ...err, message: err.message, stack: err.stack, cause: err.cause })).not.toContain(
        'sEcReT',
      );
    expect(refused.message).toBe('GET /tokens/:id: 500');
  });
  it("the caller's own abort comes back as it is, and ends the call", async () => {
    answer = () => undefined;
    const stop = new AbortController();
    const call = caller()({ method: 'get', path: '/', signal: stop.signal });
    setTimeout(() => stop.abort(new Error('client left')), 30);
    await expect(call).rejects.toThrow('client left');
    await expect(caller()({ method: 'get', path: '/', signal: stop.signal })).rejects.toThrow('client left');
    expect(seen).toHaveLength(1);
  });
});

describe('repetition', () => {
  const busy = json(503, {});
  it.each(['get', 'put', 'delete'] as const)(
    '%s is repeated after 503 and after a broken connection',
    async (method) => {
      answer = inTurn(busy, (req) => req.socket.destroy(), json(200, { third: true }));
      expect((await caller()({ method, path: '/' })).body).toEqual({ third: true });
      expect(seen).toHaveLength(3);
    },
  );
  it.each(['post', 'patch'] as const)('%s is not, unless the caller says it may be', async (method) => {
    answer = inTurn(busy, json(200, {}));
    expect(await failure(caller()({ method, path: '/' }))).toMatchObject({ status: 503 });
    answer = inTurn(busy, json(200, {}));
    expect((await caller()({ method, path: '/', repeatable: true })).status).toBe(200);
  });
  it.each([400, 401, 404, 409, 429, 500])('%s is an answer and is not repeated', async (status) => {
    answer = json(status, {});
    await failure(caller()({ method: 'get', path: '/' }));
    expect(seen).toHaveLength(1);
  });
  it('gives up after its number of repetitions', async () => {
    answer = busy;
    await failure(caller({ retries: 1 })({ method: 'get', path: '/' }));
    expect(seen).toHaveLength(2);
  });
  it('waits as long as Retry-After says', async () => {
    answer = inTurn(json(503, {}, { 'Retry-After': '1' }), json(200, {}));
    const started = Date.now();
    await caller()({ method: 'get', path: '/' });
    expect(Date.now() - started).toBeGreaterThanOrEqual(990);
  });
  it('does not start a wait that ends after the deadline', async () => {
    answer = json(503, {}, { 'Retry-After': '60' });
    const started = Date.now();
    expect(await failure(caller()({ method: 'get', path: '/' }))).toMatchObject({ status: 503, retryAfter: 60 });
    expect(Date.now() - started).toBeLessThan(500);
  });
  it('Retry-After is seconds or a date', () => {
    const now = Date.parse('2026-01-01T00:00:00Z');
    expect([
      retryAfterSeconds('3', now),
      retryAfterSeconds('Thu, 01 Jan 2026 00:00:05 GMT', now),
      retryAfterSeconds('Wed, 31 Dec 2025 00:00:00 GMT', now),
      retryAfterSeconds('soon', now),
      retryAfterSeconds(undefined, now),
    ]).toEqual([3, 5, 0, undefined, undefined]);
  });
});

describe('validateToken', () => {
  const identity = () => createIdentityClient({ baseURL: origin, serviceToken: 'service', retries: 0 });
  const token = (user: object, more: object = {}) => ({
    token: {
      methods: ['password'],
      issued_at: '2026-01-01T00:00:00.000000Z',
      expires_at: '2026-01-01T12:00:00.000000Z',
      audit_ids: ['a1', 'a0'],
      is_domain: false,
      user,
      roles: [
        { id: '1', name: 'default' },
        { id: 'member', name: 'member' },
      ],
      ...more,
    },
  });

  it('a user', async () => {
    answer = json(
      200,
      token(
        { id: 'u-1', name: 'user@example.com' },
        { project: { id: 'p-1', name: 'p', domain: { id: 'default', name: 'Default' } } },
      ),
    );
    expect(await identity().validateToken('subject')).toEqual({
      kind: 'user',
      uuid: 'u-1',
      displayName: 'user@example.com',
      roles: ['default', 'member'],
      project: { id: 'p-1', name: 'p' },
      tokenExpires: '2026-01-01T12:00:00.000000Z',
      auditId: 'a1',
      via: 'x-auth-token',
    });
    expect(seen[0]).toMatchObject({
      url: '/identity/v3/auth/tokens?nocatalog=',
      headers: { 'x-auth-token': 'service', 'x-subject-token': 'subject' },
    });
  });
  it('a component, whose token never expires', async () => {
    answer = json(
      200,
      token({ id: 'component:nefos-compute', name: 'nefos-compute' }, { expires_at: null, roles: [] }),
    );
    expect(await identity().validateToken('subject')).toEqual({
      kind: 'component',
      uuid: 'component:nefos-compute',
      displayName: 'nefos-compute',
      roles: [],
      auditId: 'a1',
      via: 'x-auth-token',
    });
  });
  it("null for 404 in identity's form, and for what no header can carry, without asking", async () => {
    answer = json(404, { error: { code: 404, title: 'Not Found', message: 'no such token' } });
    expect(await identity().validateToken('subject')).toBeNull();
    expect(await identity().validateToken('two words\r\nX: y')).toBeNull();
    expect(seen).toHaveLength(1);
  });
  it.each([
    ['a 404 of some other server', json(404, { detail: 'nginx' })],
    ['our own service token refused', json(401, { error: { code: 401 } })],
    ['an answer of another shape', json(200, { token: { user: {} } })],
    ['a token without word of its expiry', json(200, token({ id: 'u' }, { expires_at: undefined }))],
  ])('%s is an error, never "no such token"', async (_name, handler) => {
    answer = handler;
    expect(await failure(identity().validateToken('subject'))).toBeInstanceOf(ApiError);
  });
});

it('checkPassword: right, wrong, too many, and a service token that is refused', async () => {
  const identity = createIdentityClient({ baseURL: origin, serviceToken: 'service' });
  answer = inTurn(
    (_req, res) => {
      res.writeHead(204).end();
    },
    json(401, { error: { code: 401, reason: 'credentials.wrong' } }),
    json(429, {}, { 'Retry-After': '30' }),
    json(401, { error: { code: 401, reason: 'token.unknown' } }),
    json(401, null),
  );
  expect(await identity.checkPassword('u', 'right')).toBe(true);
  expect(await identity.checkPassword('u', 'wrong')).toBe(false);
  expect(await failure(identity.checkPassword('u', 'again'))).toMatchObject({ status: 429, retryAfter: 30 });
  expect(await failure(identity.checkPassword('u', 'right'))).toMatchObject({ status: 401 });
  expect(await failure(identity.checkPassword('u', 'right'))).toMatchObject({ status: 401 });
});
it('metering as a trusted peer shows the account number', async () => {
  answer = json(200, { meta: { count: 0 }, links: {}, data: [] });
  await createMeteringClient({ baseURL: origin, accountNumber: '1337' }).concurrent({ start_date: '2026-01-01' });
  expect(seen[0]?.url).toBe('/v2/concurrent/?start_date=2026-01-01');
  expect(JSON.parse(Buffer.from(seen[0]?.headers['x-rh-identity'] as string, 'base64').toString())).toEqual({
    identity: { account_number: '1337' },
  });
});
