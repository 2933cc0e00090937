import http from 'node:http';
import { people, service, useService } from '../support.js';

/** What is answered before Express must not differ from what Express answers, and everything unusual must reach it. */
describe('the hot paths', () => {
  const s = useService();
  type Answer = { status: number | undefined; headers: http.IncomingHttpHeaders; text: string };
  const call = (method: string, path: string, headers: Record<string, string>, body?: string): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const req = http.request(
        {
          port: s.port,
          method,
          path,
          headers: {
            ...headers,
            ...(body !== undefined &&
              !headers['Transfer-Encoding'] && { 'Content-Length': String(Buffer.byteLength(body)) }),
          },
        },
        (res) => {
          let text = '';
          res.on('data', (d) => {
            text += String(d);
          });
          res.on('end', () => resolve({ status: res.statusCode, headers: res.headers, text }));
        },
      );
      req.on('error', reject);
      req.end(body);
    });
  const hits = async (): Promise<number> =>
    (await s.ctx.metrics.registry.getSingleMetric('nefos_identity_hot_answers_total')?.get())?.values.reduce(
      (n, v) => n + v.value,
      0,
    ) ?? 0;
  const plain = ({
    headers: {
      'x-request-id': _a,
      'x-openstack-request-id': _b,
      date: _c,
      expires: _d,
      'last-modified': _e,
      ...headers
    },
    ...rest
  }: Answer) => ({ ...rest, headers });
  const body = JSON.stringify({ auth: { token: { id: people.user.token }, tenantName: people.user.uuid } });
  const json = { 'Content-Type': 'application/json' };
  // Each request as it is answered early, and so spelled that it is not.
  const pairs: [string, () => Promise<Answer>, () => Promise<Answer>][] = [
    [
      'authenticate',
      () => call('GET', '/account/v1.0/authenticate', { 'X-Auth-Token': people.user.token }),
      () => call('GET', '/account/v1.0/authenticate?', { 'X-Auth-Token': people.user.token }),
    ],
    [
      'GET tokens/{id}',
      () => call('GET', `/identity/v2.0/tokens/${people.user.token}`, { 'X-Auth-Token': service.token }),
      () => call('GET', `/identity/v2.0/tokens/${people.user.token}?`, { 'X-Auth-Token': service.token }),
    ],
    [
      'GET v3 tokens',
      () =>
        call('GET', '/identity/v3/auth/tokens?nocatalog', {
          'X-Auth-Token': service.token,
          'X-Subject-Token': people.user.token,
        }),
      () =>
        call('GET', '/identity/v3/auth/tokens?nocatalog&', {
          'X-Auth-Token': service.token,
          'X-Subject-Token': people.user.token,
        }),
    ],
    [
      'GET v3 tokens with catalog',
      () =>
        call('GET', '/identity/v3/auth/tokens', {
          'X-Auth-Token': people.user.token,
          'X-Subject-Token': people.user.token,
        }),
      () =>
        call('GET', '/identity/v3/auth/tokens?', {
          'X-Auth-Token': people.user.token,
          'X-Subject-Token': people.user.token,
        }),
    ],
    [
      'POST tokens',
      () => call('POST', '/identity/v2.0/tokens', json, body),
      () => call('POST', '/identity/v2.0/tokens?', json, body),
    ],
  ];
  it.each(pairs)(
    '200: %s is the same early and late, from the database and from memory',
    async (_name, early, late) => {
      for (const cold of [true, false]) {
        if (cold) s.ctx.tokens.forget('all');
        const before = await hits();
        const one = await early();
        expect(await hits()).toBe(before + 1);
        const two = await late();
        expect(await hits()).toBe(before + 1);
        expect(one.status).toBe(200);
        expect(plain(one)).toEqual(plain(two));
        expect(one.headers['x-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
        expect(one.headers['keep-alive']).toBe('timeout=76');
      }
    },
  );
  it('a request id that came along is kept', async () => {
    const id = 'req-00000000-0000-4000-8000-000000000000';
    expect(
      (await call('GET', '/account/v1.0/authenticate', { 'X-Auth-Token': people.user.token, 'X-Request-Id': id }))
        .headers['x-openstack-request-id'],
    ).toBe(id);
  });
  it('what is refused early gets the ordinary fault, its body not lost', async () => {
    const before = await hits();
    const message = async (content: unknown, headers: Record<string, string> = json) => {
      const { status, text } = await call(
        'POST',
        '/identity/v2.0/tokens',
        headers,
        typeof content === 'string' ? content : JSON.stringify(content),
      );
      return [
        status,
        (JSON.parse(text) as { badRequest?: { message: string }; unauthorized?: { message: string } }).badRequest
          ?.message ?? (JSON.parse(text) as { unauthorized?: { message: string } }).unauthorized?.message,
      ];
    };
    expect(await message({ auth: { token: { id: 'x' } } })).toEqual([401, 'Invalid token']);
    expect(await message({ auth: { token: { id: people.user.token }, tenantName: 'x' } })).toEqual([
      400,
      'Not conforming tenantName',
    ]);
    expect(await message('{"auth":')).toEqual([400, 'Could not decode request body as JSON']);
    expect(await message({ auth: { token: { id: people.user.token } }, more: '\0' })).toEqual([
      400,
      'Text can not hold the character NUL',
    ]);
    expect(await message({ auth: {} })).toEqual([400, 'Malformed request: missing credentials']);
    expect(await message({ auth: { token: { id: service.token } } })).toEqual([401, 'Invalid token']);
    expect((await call('GET', '/account/v1.0/authenticate', { 'X-Auth-Token': service.token })).status).toBe(401);
    expect(
      (await call('GET', `/identity/v2.0/tokens/${people.admin.token}`, { 'X-Auth-Token': people.user.token })).status,
    ).toBe(404);
    expect(
      (
        await call('GET', '/identity/v3/auth/tokens', {
          'X-Auth-Token': people.user.token,
          'X-Subject-Token': people.admin.token,
        })
      ).status,
    ).toBe(404);
    expect(await hits()).toBe(before);
  });
  it('200: XML, chunks and bearer tokens take the ordinary way', async () => {
    const before = await hits();
    expect((await call('POST', '/identity/v2.0/tokens', { ...json, Accept: 'application/xml' }, body)).text).toMatch(
      /^<\?xml/,
    );
    expect(
      (await call('POST', '/identity/v2.0/tokens', { ...json, 'Transfer-Encoding': 'chunked' }, body)).status,
    ).toBe(200);
    expect(
      (await call('GET', '/account/v1.0/authenticate', { Authorization: `Bearer ${people.user.token}` })).status,
    ).toBe(200);
    expect(await hits()).toBe(before);
  });
  it('lookups of one turn are one query', async () => {
    s.ctx.tokens.forget('all');
    let queries = 0;
    const query = s.db.pool.query.bind(s.db.pool);
    s.db.pool.query = ((...args: unknown[]) => {
      queries += 1;
      return (query as (...a: unknown[]) => unknown)(...args);
    }) as never;
    try {
      const found = await Promise.all(
        [people.user.token, people.admin.token, people.user.token, 'unknown'].map((t) => s.ctx.tokens.find(t)),
      );
      expect(found.map((t) => t?.user?.uuid)).toEqual([
        people.user.uuid,
        people.admin.uuid,
        people.user.uuid,
        undefined,
      ]);
    } finally {
      s.db.pool.query = query;
    }
    expect(queries).toBe(1);
  });
});
