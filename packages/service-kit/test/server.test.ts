import type http from 'node:http';
import { contract } from '@nefos/contracts';
import {
  clientAddress,
  createApp,
  createFastServer,
  createMetrics,
  drain,
  drfErrors,
  endpointFor,
  Fault,
  isoOffset,
  isoZ,
  isoZ6,
  listen,
  createLogThrottle,
  micros,
  millis,
  mountEndpoints,
  parseMultipart,
  parsePeers,
  readRawBody,
  requestContexts,
  type Ctx,
  type Dialect,
  markDatabaseError,
} from '@nefos/service-kit';
import { pino } from 'pino';
import { z } from 'zod';

const dialect = (order: Dialect<Ctx>['order']): Dialect<Ctx> => ({
  order,
  authenticate: async (_ctx, req, _res, { access }) => {
    if (access === 'public') return null;
    if (!req.headers.authorization) throw new Fault('unauthenticated', 'no');
    return {
      kind: 'user',
      uuid: 'u',
      displayName: 'u',
      roles: [],
      via: 'bearer',
      ...(req.headers.authorization === 'reader' && { readOnly: true }),
    };
  },
  readBody: async (req) => JSON.parse((await readRawBody(req, 100)).toString() || '{}') as unknown,
  send: (_req, res, { status, body }) => {
    res.status(status).json(body);
  },
  fault: (_req, res, fault) => {
    res
      .status(
        { invalid: 400, unauthenticated: 401, method: 405, too_large: 413, internal: 500 }[fault.kind as string] ?? 418,
      )
      .json({ code: fault.code, issues: fault.params.issues, allow: fault.params.allow });
  },
});
const endpoint = endpointFor<Ctx>();
const endpoints = [
  endpoint(
    contract({
      method: 'get',
      path: '/things',
      access: 'user',
      status: 200,
      summary: 'List',
      source: 'test',
      query: z.object({ n: z.coerce.number().optional() }),
    }),
    async (_ctx, { query }) => ({ n: query.n ?? null }),
  ),
  endpoint(
    contract({
      method: 'post',
      path: '/things',
      access: 'user',
      status: 201,
      summary: 'Make',
      source: 'test',
      body: z.object({ name: z.string() }),
      response: z.object({ name: z.string() }),
    }),
    async (_ctx, { body }) => ({ name: body.name }),
  ),
  endpoint(
    contract({
      method: 'get',
      path: '/read',
      writes: true,
      access: 'user',
      status: 200,
      summary: 'Mark as read',
      source: 'test',
    }),
    async () => ({}),
  ),
  endpoint(
    contract({
      method: 'delete',
      path: '/read',
      evenReadOnly: true,
      access: 'user',
      status: 200,
      summary: 'End itself',
      source: 'test',
    }),
    async () => ({}),
  ),
  endpoint(
    contract({
      method: 'get',
      path: '/broken',
      access: 'public',
      status: 200,
      summary: 'Break',
      source: 'test',
      response: z.object({ a: z.number() }),
    }),
    async () => ({ a: 'not a number' }),
  ),
];

describe.each(['method-first', 'authentication-first'] as const)('endpoints, %s', (order) => {
  let server: http.Server;
  let base: string;
  const call = async (
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = { Authorization: 'x' },
  ) => {
    const res = await fetch(base + path, { method, headers, ...(body !== undefined && { body }) });
    return [res.status, await res.json()] as [number, { code: string; issues?: unknown; allow?: unknown }];
  };
  beforeAll(async () => {
    const app = createApp();
    const ctx: Ctx = {
      db: undefined as never,
      log: pino({ level: 'silent' }),
      clock: { now: () => new Date() },
      metrics: createMetrics('t', false),
      checkResponses: true,
    };
    mountEndpoints(app, endpoints, dialect(order), requestContexts(ctx));
    server = createFastServer(app);
    base = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  });
  afterAll(() => drain(server, 0));

  it('200 and 201: the input is judged and handed on', async () => {
    expect(await call('GET', '/things?n=3')).toEqual([200, { n: 3 }]);
    expect(await call('POST', '/things', '{"name":"a"}')).toEqual([201, { name: 'a' }]);
  });
  it('400: refusals are path and rule', async () => {
    const [status, body] = await call('POST', '/things', '{}');
    expect([status, body.issues]).toEqual([400, [expect.objectContaining({ path: ['name'], rule: 'invalid_type' })]]);
  });
  it('a token that may only read: refused what writes, let in where the contract lets it', async () => {
    const answers = await Promise.all(
      [
        ['GET', '/things'],
        ['POST', '/things'],
        ['GET', '/read'],
        ['DELETE', '/read'],
        ['PUT', '/things'],
      ].map(([method, path]) => call(method as string, path as string, undefined, { Authorization: 'reader' })),
    );
    expect(answers.map(([status, { code }]) => [status, code])).toEqual([
      [200, undefined],
      [418, 'token.read_only'],
      [418, 'token.read_only'],
      [200, undefined],
      [405, 'method_not_allowed'],
    ]);
  });
  it("a wrong method meets the dialect's order", async () => {
    expect((await call('DELETE', '/things', undefined, {}))[0]).toBe(order === 'method-first' ? 405 : 401);
    expect(await call('DELETE', '/things')).toEqual([405, expect.objectContaining({ allow: ['GET', 'POST'] })]);
  });
  it('413: a body above the limit', async () => {
    expect((await call('POST', '/things', JSON.stringify({ name: 'x'.repeat(200) })))[0]).toBe(413);
  });
  it('500: an answer that breaks its contract is a bug that tests see', async () => {
    expect((await call('GET', '/broken'))[0]).toBe(500);
  });
});

it('an outage is one line per code without a stack, whatever the number of requests; the metric counts all', async () => {
  const lines: { msg: string; code?: string; reason?: string; not_written?: number; err?: unknown }[] = [];
  const metrics = createMetrics('t', false);
  const app = createApp();
  const ctx: Ctx = {
    db: undefined as never,
    log: pino(
      { level: 'info' },
      { write: (line: string) => void lines.push(JSON.parse(line) as (typeof lines)[number]) },
    ),
    clock: { now: () => new Date() },
    metrics,
    checkResponses: false,
  };
  const away = (path: string, err: Error) =>
    endpoint(contract({ method: 'get', path, access: 'public', status: 200, summary: 'Ask', source: 'test' }), () =>
      Promise.reject(err),
    );
  const refused = markDatabaseError(
    Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:5432'), { code: 'ECONNREFUSED' }),
  );
  mountEndpoints(
    app,
    [away('/database', refused), away('/peer', new Fault('unavailable', 'identity_unavailable'))],
    dialect('method-first'),
    requestContexts(ctx),
  );
  const server = createFastServer(app);
  const base = `http://127.0.0.1:${await listen(server, 0, '127.0.0.1')}`;
  try {
    for (let n = 0; n < 30; n += 1) for (const path of ['/database', '/peer']) await (await fetch(base + path)).text();
    const written = (code: string) => lines.filter((line) => line.msg === 'refused for now' && line.code === code);
    // More than one only if the machine was so slow that five seconds passed.
    for (const code of ['database_unavailable', 'identity_unavailable'])
      expect([1, 2, 3]).toContain(written(code).length);
    expect(written('database_unavailable')[0]).toMatchObject({ reason: 'connect ECONNREFUSED 127.0.0.1:5432' });
    expect(JSON.stringify(lines)).not.toMatch(/stack|"err"/);
    expect(await metrics.registry.getSingleMetricAsString('nefos_http_refused_for_now_total')).toMatch(
      /code="database_unavailable".*} 30/,
    );
  } finally {
    await drain(server, 0);
  }
});
it('lines of one kind are written every five seconds, with the number of those between', () => {
  const throttle = createLogThrottle();
  expect([
    throttle('a', 0),
    throttle('a', 10),
    throttle('b', 20),
    throttle('a', 4999),
    throttle('a', 5000),
    throttle('a', 5001),
  ]).toEqual([{}, undefined, {}, undefined, { not_written: 2 }, undefined]);
});

describe('small parts', () => {
  it('instants keep their microseconds', () => {
    expect(isoZ('2019-07-18 19:17:08.611383+00')).toBe('2019-07-18T19:17:08.611383Z');
    expect(isoZ('2019-07-04 00:00:00+00')).toBe('2019-07-04T00:00:00Z');
    expect(isoZ('2019-07-04 00:00:00.5+00')).toBe('2019-07-04T00:00:00.500000Z');
    expect(isoZ6('2019-07-04 00:00:00+00')).toBe('2019-07-04T00:00:00.000000Z');
    expect(isoOffset('2013-06-19 15:23:59.975572+00')).toBe('2013-06-19T15:23:59.975572+00:00');
    expect(micros('2019-07-18 19:17:08.611383+00')).toBe(1563477428611383n);
    expect(millis('2019-07-18 19:17:08.611383+00')).toBe(1563477428611);
    expect(() => isoZ('2019-07-18 19:17:08+02')).toThrow('not an instant in UTC');
  });
  it('refusals become the nested document of the framework', () => {
    expect(
      drfErrors({
        issues: [
          { path: ['user', 'email'], rule: 'email' },
          { path: ['nics', 1], rule: 'pk', values: { pk: 'x' } },
          { path: [], rule: 'not_dict', values: { type: 'list' } },
        ],
      }),
    ).toEqual({
      user: { email: ['Enter a valid email address.'] },
      nics: { 1: ['Invalid pk "x" - object does not exist.'] },
      non_field_errors: ['Invalid data. Expected a dictionary, but got list.'],
    });
  });
  it('multipart fields are read; a broken body is refused', async () => {
    expect(
      await parseMultipart(
        Buffer.from('--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--b--\r\n'),
        'multipart/form-data; boundary=b',
      ),
    ).toEqual({ a: '1' });
    await expect(parseMultipart(Buffer.from('x'), 'multipart/form-data')).rejects.toThrow('body.multipart');
  });
  it('X-Forwarded-For is believed from a trusted peer only, and only as far as trusted addresses reach', () => {
    const trusted = parsePeers('127.0.0.0/8,10.0.0.1');
    const from = (peer: string, told?: string) =>
      clientAddress(
        { socket: { remoteAddress: peer }, headers: { 'x-forwarded-for': told } } as unknown as http.IncomingMessage,
        trusted,
      );
    expect(from('127.0.0.1', '6.6.6.6, 1.2.3.4')).toBe('1.2.3.4');
    expect(from('127.0.0.1', '1.2.3.4, 10.0.0.1')).toBe('1.2.3.4');
    expect(from('8.8.8.8', '1.2.3.4')).toBe('8.8.8.8');
    expect(from('::ffff:127.0.0.1')).toBe('127.0.0.1');
    expect(() => parsePeers('localhost')).toThrow('localhost is no address');
  });
});
