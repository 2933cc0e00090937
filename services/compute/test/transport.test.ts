import net from 'node:net';
import { createFastServer, drain, listen } from '@nefos/service-kit';
import request from 'supertest';
import { useService } from './support.js';

describe('transport', () => {
  const service = useService();
  const clients = '/staffapi/clients';

  it('404: an unknown route is a JSON document in the dialect', async () => {
    const res = await service.nobody.get('/staffapi/no-such-thing').expect(404);
    expect(res.body).toEqual({ detail: 'Not found.' });
    expect([res.headers['x-error-code'], res.headers['x-request-id']]).toEqual([
      'not_found',
      expect.stringMatching(/^req-/),
    ]);
  });
  it('404: a path that is no proper encoding', async () => {
    expect((await service.staff.get('/staffapi/clients/%E0%A4%A').expect(404)).body).toEqual({ detail: 'Not found.' });
  });
  it('200: the deployment prefix and a trailing slash change nothing', async () => {
    for (const path of ['/staffapi/clients/', '/backend/staffapi/clients', '/backend/staffapi/clients/?x=1'])
      await service.staff.get(path).expect(200);
    await service.staff.post('/staffapi/clients/', {}).expect(400);
  });
  it('405: wrong methods name the right ones, after authentication', async () => {
    const res = await service.staff.put(clients, {}).expect(405);
    expect([res.body, res.headers.allow, res.headers['x-error-code']]).toEqual([
      { detail: 'Method "PUT" not allowed.' },
      'GET, HEAD, POST',
      'method_not_allowed',
    ]);
    await service.nobody.put(clients, {}).expect(401);
    await service.user.put(clients, {}).expect(403);
  });
  it('415: another type of body', async () => {
    expect((await service.staff.post(clients).set('Content-Type', 'text/plain').send('{}').expect(415)).body).toEqual({
      detail: 'Unsupported media type "text/plain" in request.',
    });
  });
  it.each([
    ['{"city": ', /^JSON parse error - /],
    ['\u0000', /^JSON parse error - /],
  ])('400: %j is no JSON', async (body, wanted) => {
    const res = await service.staff.post(clients).set('Content-Type', 'application/json').send(body).expect(400);
    expect([res.body.detail, res.headers['x-error-code']]).toEqual([expect.stringMatching(wanted), 'parse_error']);
  });
  it('400: a list is no dictionary, and text in no UTF-8 is no JSON', async () => {
    expect(
      (await service.staff.post(clients).set('Content-Type', 'application/json').send('[]').expect(400)).body,
    ).toEqual({ non_field_errors: ['Invalid data. Expected a dictionary, but got list.'] });
  });
  it('400: an empty body is an empty object', async () => {
    expect((await service.staff.post(clients).set('Content-Type', 'application/json').expect(400)).body).toHaveProperty(
      'city',
    );
  });
  it('400: numbers beyond all tables are no 500; a whole pair of surrogates is text', async () => {
    const body =
      '{"address1":"a","city":"\\\\ud800 \\ud83d\\ude00","country":"US","email":"a@b.co","first_name":"a","last_name":"b","phone":"1","zip_code":"1"}';
    const pair = await service.staff.post(clients).set('Content-Type', 'application/json').send(body).expect(201);
    expect(pair.body.city).toBe('\\ud800 \u{1f600}');
    await service.staff
      .post(clients)
      .set('Content-Type', 'application/json')
      .send(body.replace('"zip_code"', '"reseller_client":99999999999999,"zip_code"'))
      .expect(400);
  });
  it('413: a body above the limit', async () => {
    await service.staff.post(clients, { city: 'x'.repeat(300_000) }).expect(413);
  });
  it('X-Request-Id is echoed when it looks like one', async () => {
    const id = '0f7e1c1e-3f6b-4a4e-9a55-6f1c2f0e9d01';
    expect((await service.staff.get(clients).set('X-Request-Id', id)).headers['x-request-id']).toBe(id);
    expect((await service.staff.get(clients).set('X-Request-Id', 'x y')).headers['x-request-id']).toMatch(/^req-/);
  });
  it('200: HEAD is GET without a body', async () => {
    const res = await request(service.app)
      .head(clients)
      .set('Authorization', `Token ${service.tokens.staff}`)
      .expect(200);
    expect(Number(res.headers['content-length'])).toBeGreaterThan(10);
  });

  it.each([
    [undefined, 'Authentication credentials were not provided.', 'not_authenticated'],
    ['Token', 'Invalid token header. No credentials provided.', 'invalid_token'],
    ['Token a b', 'Invalid token header. Token string should not contain spaces.', 'invalid_token'],
    [`Token ${'0'.repeat(40)}`, 'Invalid token.', 'invalid_token'],
    ['Bearer {staff}', 'Authentication credentials were not provided.', 'not_authenticated'],
    ['Basic YTpi', 'Authentication credentials were not provided.', 'not_authenticated'],
  ])('401: Authorization %p', async (header, detail, code) => {
    for (const path of [clients, '/api/clients']) {
      const call = service.nobody.get(path);
      if (header) call.set('Authorization', header.replace('{staff}', service.tokens.staff));
      const res = await call.expect(401);
      expect([res.body, res.headers['www-authenticate'], res.headers['x-error-code']]).toEqual([
        { detail },
        'Token',
        code,
      ]);
    }
  });
  it('401: a token anywhere else is no token', async () => {
    await service.nobody
      .get(`${clients}?token=${service.tokens.staff}&access_token=${service.tokens.staff}`)
      .set({ 'X-Auth-Token': service.tokens.staff, Cookie: `sessionid=${service.tokens.staff}` })
      .expect(401);
  });
  it('503: a token that cannot be checked now is not called invalid', async () => {
    service.identity.down = true;
    try {
      const res = await service.as('a'.repeat(40)).get(clients).expect(503);
      expect(Number(res.headers['retry-after'])).toBeGreaterThan(0);
    } finally {
      service.identity.down = false;
    }
  });

  it('routes without a body answer before the body that was announced, and close (T5)', async () => {
    const server = createFastServer(service.app);
    const port = await listen(server, 0, '127.0.0.1');
    const text = await new Promise<string>((resolve, reject) => {
      const socket = net.connect(port, '127.0.0.1');
      let got = '';
      socket.on('data', (part) => {
        got += part.toString();
      });
      socket.on('end', () => resolve(got));
      socket.on('error', reject);
      socket.write(
        `POST /staffapi/clients/${service.ownClient}/resume HTTP/1.1\r\nHost: x\r\nAuthorization: Token ${service.tokens.staff}\r\nContent-Type: application/json\r\nContent-Length: 57\r\n\r\n`,
      );
    });
    await drain(server, 0);
    expect(text).toMatch(/^HTTP\/1\.1 200 /);
    expect(text).toMatch(/\r\nConnection: close\r\n/i);
    expect(text).toContain('{"detail":"Client resumed"}');
  });
});
