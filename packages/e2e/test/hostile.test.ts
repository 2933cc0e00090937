import { rawHttp } from '@nefos/testing';
import { ask } from './stack.js';
import { supervisor } from './supervisor.js';

jest.setTimeout(120_000);

// What strangers send (issue: "tried as a new user would"), through the front door: a clear refusal in the service's
// dialect, never a 500, nothing changed.
describe('hostile input through the gateway', () => {
  let nefos: Awaited<ReturnType<typeof supervisor>>;
  let staff: string;
  let user: string;
  let rh: string;
  beforeAll(async () => {
    nefos = await supervisor();
    void nefos.run();
    await nefos.ready();
    const credentials = nefos.credentials();
    staff = credentials.compute.staff.token;
    user = credentials.identity.user.token;
    rh = Buffer.from(JSON.stringify({ identity: { account_number: credentials.metering.account_number } })).toString(
      'base64',
    );
  });
  afterAll(() => nefos.close());
  /** Sends bytes on a socket. @returns the answer until the server closed, or until `seconds` passed */
  const raw = (message: string | Buffer, seconds = 5): Promise<string> =>
    rawHttp(nefos.ports.GATEWAY, message, { seconds }).then(({ text }) => text);
  const http = (method: string, path: string, headers: Record<string, string>, body: string | Buffer = '') =>
    raw(
      Buffer.concat([
        Buffer.from(
          `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${Object.entries({
            ...headers,
            'Content-Length': String(Buffer.byteLength(body)),
          })
            .map(([k, v]) => `${k}: ${v}\r\n`)
            .join('')}\r\n`,
        ),
        Buffer.from(body),
      ]),
    );
  const json = { 'Content-Type': 'application/json' };

  it.each([
    ['identity', 'POST', '/identity/v2.0/tokens', {}, /^HTTP\/1\.1 400[^]*"badRequest"/],
    ['identity v3', 'POST', '/identity/v3/auth/tokens', {}, /^HTTP\/1\.1 400[^]*"error"/],
    [
      'compute',
      'POST',
      '/staffapi/clients',
      { Authorization: 'Token STAFF' },
      /^HTTP\/1\.1 400[^]*JSON parse error - /,
    ],
    ['metering', 'POST', '/v2/accounts/', { 'X-RH-IDENTITY': 'RH' }, /^HTTP\/1\.1 400[^]*JSON parse error - /],
  ])('bad JSON at %s', async (_name, method, path, headers, wanted) => {
    const filled = Object.fromEntries(
      Object.entries(headers as Record<string, string>).map(([k, v]) => [
        k,
        v.replace('STAFF', staff).replace('RH', rh),
      ]),
    );
    for (const body of ['{', '{"a":', 'nul', '\u0000', Buffer.from([0x7b, 0xff, 0x7d])])
      expect(await http(method, path, { ...json, ...filled }, body)).toMatch(wanted);
  });
  it('deep and wide JSON is refused or taken, but breaks nothing', async () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    for (const [path, headers] of [
      ['/identity/v2.0/tokens', {}],
      ['/staffapi/clients', { Authorization: `Token ${staff}` }],
      ['/v2/accounts/', { 'X-RH-IDENTITY': rh }],
    ] as const) {
      expect(await http('POST', path, { ...json, ...headers }, deep)).toMatch(/^HTTP\/1\.1 4\d\d/);
      expect(
        await http('POST', path, { ...json, ...headers }, '{"__proto__":{"x":1},"constructor":{"prototype":{"y":1}}}'),
      ).toMatch(/^HTTP\/1\.1 4\d\d/);
    }
  });
  it.each([
    '/identity/v2.0/tokens',
    '/account/v1.0/user_catalogs',
    '/identity/v3/auth/tokens',
    '/staffapi/clients',
    '/staffapi/openstack/instances',
    '/v2/accounts/',
  ])('413: a body of 2 MB at %s', async (path) => {
    const text = await http(
      'POST',
      path,
      { ...json, Authorization: `Token ${staff}`, 'X-Auth-Token': user, 'X-RH-IDENTITY': rh },
      `{"x":"${'y'.repeat(2_000_000)}"}`,
    );
    expect(text).toMatch(/^HTTP\/1\.1 413/);
  });
  it('413 at the gateway: a body of 20 MB is not even read', async () => {
    expect(await raw(`POST /staffapi/clients HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 413[^]*"detail"/,
    );
  });
  it('431: 10 MB of headers', async () => {
    expect(await raw(`GET /staffapi/clients HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(10_000_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431/,
    );
  });
  it('odd tokens are 401 or 403, never 500', async () => {
    for (const token of ['x', "' or 1=1 --", 'a'.repeat(5000), '%00', '../../etc/passwd', '{}', 'Ω'.repeat(3)]) {
      expect(
        await http('GET', '/account/v1.0/authenticate', { 'X-Auth-Token': Buffer.from(token).toString('latin1') }),
      ).toMatch(/^HTTP\/1\.1 (400|401)/);
      expect(
        await http('GET', '/staffapi/clients', { Authorization: `Token ${Buffer.from(token).toString('latin1')}` }),
      ).toMatch(/^HTTP\/1\.1 401/);
      expect(await http('GET', '/v2/accounts/', { 'X-RH-IDENTITY': Buffer.from(token).toString('latin1') })).toMatch(
        /^HTTP\/1\.1 403/,
      );
    }
  });
  it('odd paths and queries are 400 or 404, never 500', async () => {
    for (const path of [
      '/identity/v2.0/tokens/%',
      '/identity/v2.0/tokens/%00',
      '/identity/v2.0/tokens/%ff',
      '/account/v1.0/%2e%2e',
      '/staffapi/clients/%',
      '/staffapi/clients/99999999999999999999',
      '/staffapi/clients?page=%ff',
      '/staffapi/clients?page=9999999999999999999999',
      '/staffapi/clients?filtering=id:%00',
      '/staffapi/clients?ordering=%00',
      '/staffapi/clients?search=%00',
      '/staffapi/openstack/instances/%00',
      '/v2/accounts/%',
      '/v2/accounts/%00/',
      '/v2/instances/?running_since=%00',
      '/v2/concurrent/?start_date=%00',
      '/v2/accounts/?limit=1e400&offset=-0',
      '/api/v2/%',
      `/staffapi/clients?${'a=1&'.repeat(3000)}`,
      '//identity',
      '/./staffapi/clients',
    ]) {
      const text = await http('GET', path, {
        Authorization: `Token ${staff}`,
        'X-Auth-Token': user,
        'X-RH-IDENTITY': rh,
      });
      expect([path, text.slice(0, 12)]).toEqual([path, expect.stringMatching(/^HTTP\/1\.1 [234]\d\d?/) as unknown]);
    }
  });
  it('wrong methods keep to each dialect', async () => {
    expect(await http('DELETE', '/account/v1.0/authenticate', {})).toMatch(/^HTTP\/1\.1 400[^]*Method not allowed/);
    expect(await http('DELETE', '/staffapi/clients', { Authorization: `Token ${staff}` })).toMatch(
      /^HTTP\/1\.1 405[^]*Method \\"DELETE\\" not allowed\./,
    );
    expect(await http('DELETE', '/v2/accounts/', { 'X-RH-IDENTITY': rh })).toMatch(/^HTTP\/1\.1 405/);
    for (const method of ['TRACE', 'PROPFIND', 'BREW'])
      expect(await http(method, '/staffapi/clients', { Authorization: `Token ${staff}` })).toMatch(/^HTTP\/1\.1 4\d\d/);
  });
  it('a client that sends one byte of a body and waits holds up nobody', async () => {
    const slow = raw(
      'POST /identity/v2.0/tokens HTTP/1.1\r\nHost: x\r\n' +
        'Content-Type: application/json\r\nContent-Length: 100\r\n\r\n{',
      3,
    );
    const others = await Promise.all(
      Array.from({ length: 20 }, () =>
        ask(`${nefos.gateway}/account/v1.0/authenticate`, { headers: { 'X-Auth-Token': user } }),
      ),
    );
    expect(others.map((o) => o.status)).toEqual(Array.from({ length: 20 }, () => 200));
    await slow;
  });
  it('a client that sends headers drop by drop is cut off', async () => {
    expect(await raw('GET /staffapi/clients HTTP/1.1\r\nHost: x\r\n', 22)).toMatch(/^HTTP\/1\.1 408/);
  });
  it('and nothing was changed', async () => {
    const { text } = await ask(`${nefos.gateway}/staffapi/clients`, { headers: { Authorization: `Token ${staff}` } });
    expect((JSON.parse(text) as { totalCount: number }).totalCount).toBe(3);
    expect((await ask(`${nefos.gateway}/healthz`)).status).toBe(200);
  });
});
