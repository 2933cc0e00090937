import { randomUUID } from 'node:crypto';
import { createMetrics, sql } from '@nefos/service-kit';
import request from 'supertest';
import { buildApp } from '../../src/app.js';
import { createThrottle } from '../../src/access/domain/throttle.js';
import { useService } from '../support.js';

describe('users and their tokens', () => {
  const service = useService();
  const create = (name: string, more: object = {}) =>
    service.staff.post('/staffapi/users', {
      username: name,
      email: `${name}@example.com`,
      first_name: 'A',
      last_name: 'B',
      password: 'Aa1-something-long',
      ...more,
    });

  it('201: a user is made at identity first and let in', async () => {
    const { body } = await create('alice', { clients: [service.ownClient] }).expect(201);
    expect(body).toMatchObject({
      username: 'alice',
      is_active: true,
      is_staff: false,
      clients: [service.ownClient],
      external_billing_id: null,
    });
    expect(service.identity.calls.slice(-2)).toEqual(['putUser', 'activateUser']);
    expect((await service.staff.get(`/staffapi/users/${body.id}`).expect(200)).body).toEqual(body);
    expect((await service.staff.get('/staffapi/users?search=alice').expect(200)).body.objects).toEqual([body]);
  });
  it('400: names, clients and fields that do not hold', async () => {
    expect((await create('demo').expect(400)).body).toEqual({ username: ['This field must be unique.'] });
    expect((await create('bob', { clients: [1] }).expect(400)).body).toEqual({
      clients: ['Invalid pk "1" - object does not exist.'],
    });
    expect((await service.staff.post('/staffapi/users', {}).expect(400)).body).toEqual({
      username: ['This field is required.'],
      email: ['This field is required.'],
      password: ['This field is required.'],
    });
    await service.staff.get('/staffapi/users/999999').expect(404);
  });
  it('401: an inactive user is refused at once, and comes back at once', async () => {
    const user = await service.seedUser({ username: 'carol', clients: [service.ownClient] });
    await user.as.get('/api/clients').expect(200);
    await service.staff.patch(`/staffapi/users/${user.id}`, { is_active: false }).expect(200);
    const res = await user.as.get('/api/clients').expect(401);
    expect([res.body, res.headers['www-authenticate']]).toEqual([{ detail: 'User inactive or deleted.' }, 'Token']);
    await service.staff.patch(`/staffapi/users/${user.id}`, { is_active: true }).expect(200);
    await user.as.get('/api/clients').expect(200);
  });
  it('404: a client that is taken away is out of reach at once; metering hears of it', async () => {
    const user = await service.seedUser({ username: 'dave', clients: [service.otherClient] });
    await user.as.get(`/api/clients/${service.otherClient}`).expect(200);
    await service.staff.patch(`/staffapi/users/${user.id}`, { clients: [] }).expect(200);
    await user.as.get(`/api/clients/${service.otherClient}`).expect(404);
    const [last] = await sql<{ identities: string[] }>(
      service.db,
      `select payload->'account'->'identities' identities from outbox where aggregate = $1 order by id desc limit 1`,
      [`account:${service.otherClient}`],
    );
    expect(last?.identities).not.toContain(user.uuid);
  });

  it('201: the key of a token is told once, works, and is nowhere else', async () => {
    const user = await service.seedUser({ username: 'erin', clients: [service.ownClient] });
    const { body } = await service.staff.post(`/staffapi/users/${user.id}/tokens`, { name: 'script' }).expect(201);
    expect(body).toEqual({
      id: body.id,
      name: 'script',
      key: expect.stringMatching(/^[0-9a-f]{40}$/),
      created: expect.any(String),
      expires_at: null,
    });
    await service.as(body.key).get('/api/clients').expect(200);
    const list = await user.as.get('/api/tokens').expect(200);
    expect(list.body.objects).toEqual([
      { id: body.id, name: 'script', created: body.created, expires_at: null, read_only: false },
    ]);
    expect(JSON.stringify(await sql(service.db, 'select * from portal_token'))).not.toContain(body.key);
  });
  it("403: a staff user's token is for that user and for superusers: it would carry the other's name and rights, at identity too", async () => {
    const [one, other, root] = [
      await service.seedUser({ username: 'staff-one', staff: true }),
      await service.seedUser({ username: 'staff-two', staff: true }),
      await service.seedUser({ username: 'root', staff: true }),
    ];
    await sql(service.db, 'update portal_user set is_superuser = true where id = $1', [root.id]);
    const ask = (as: typeof one.as, { id }: { id: number }) =>
      as.post(`/staffapi/users/${id}/tokens`, { name: 'script' });
    expect((await ask(one.as, other).expect(403)).body).toEqual({
      detail: 'You do not have permission to perform this action.',
    });
    await ask(one.as, root).expect(403);
    await ask(one.as, one).expect(201);
    await ask(root.as, other).expect(201);
  });
  it("201: an Idempotency-Key keeps no token's key", async () => {
    const { body } = await service.user.post('/api/tokens', { name: 'k' }).set('Idempotency-Key', 'tokens').expect(201);
    expect(JSON.stringify(await sql(service.db, 'select * from idempotency_key'))).not.toContain(body.key);
  });
  it('401: a deleted token is refused at once, also while identity is silent and only the job can tell it', async () => {
    const { body } = await service.user.post('/api/tokens', { name: 'gone' }).expect(201);
    const mine = service.as(body.key);
    await mine.get('/api/clients').expect(200);
    const revoke = service.identity.revokeToken;
    service.identity.revokeToken = async () => {
      throw new Error('silent');
    };
    try {
      await service.user.delete(`/api/tokens/${body.id}`).expect(204);
    } finally {
      service.identity.revokeToken = revoke;
    }
    expect((await mine.get('/api/clients').expect(401)).body).toEqual({ detail: 'Invalid token.' });
    expect(service.identity.tokens.has(body.key)).toBe(true);
    await service.work();
    expect(service.identity.tokens.has(body.key)).toBe(false);
  });
  it("404: another user's token can not be revoked", async () => {
    const { body } = await service.stranger.post('/api/tokens', { name: 'theirs' }).expect(201);
    await service.user.delete(`/api/tokens/${body.id}`).expect(404);
    await service.as(body.key).get('/api/clients').expect(200);
  });
  it('403: a read-only token reads and does not write', async () => {
    const { body } = await service.user.post('/api/tokens', { name: 'ro', read_only: true }).expect(201);
    await service.as(body.key).get('/api/clients').expect(200);
    await service.as(body.key).patch(`/api/clients/${service.ownClient}`, { city: 'x' }).expect(403);
    await service.as(body.key).post('/api/tokens', { name: 'more' }).expect(403);
    const { body: staffs } = await service.staff
      .post(`/staffapi/users/${(await service.staff.get('/staffapi/current-user')).body.id}/tokens`, {
        name: 'ro',
        read_only: true,
      })
      .expect(201);
    // A read that writes: what it tells is invoiced from then on.
    await service
      .as(staffs.key)
      .get(`/staffapi/clients/${service.ownClient}/get_client_for_invoice_processing`)
      .expect(403);
  });
  it.each(['yesterday', '2020-01-01T00:00:00Z', '2026-13-01T00:00'])(
    '400: %s is no end of a token',
    async (expires_at) => {
      expect((await service.user.post('/api/tokens', { name: 'x', expires_at }).expect(400)).body).toHaveProperty(
        'expires_at',
      );
    },
  );
  it('503: identity silent: no token', async () => {
    await service.user.get('/api/clients').expect(200);
    service.identity.down = true;
    try {
      await service.user.post('/api/tokens', { name: 'x' }).expect(503);
    } finally {
      service.identity.down = false;
    }
  });
  it('401: a token of a user whom the portal does not know', async () => {
    const token = '9'.repeat(40);
    service.identity.tokens.set(token, { kind: 'user', uuid: randomUUID(), displayName: 'x', roles: [], via: 'token' });
    expect((await service.as(token).get('/api/clients').expect(401)).body).toEqual({
      detail: 'User inactive or deleted.',
    });
  });
  it('204: a deleted user is gone here and at identity; the name is free again', async () => {
    const { body } = await create('frank', { clients: [service.ownClient] }).expect(201);
    const { body: token } = await service.staff.post(`/staffapi/users/${body.id}/tokens`, { name: 't' }).expect(201);
    const uuid = [...service.identity.users.values()].find((one) => one.email === 'frank@example.com')?.uuid as string;
    service.identity.deleteUser = (({ deleteUser }) => {
      let first = true;
      return async (id: string) => {
        if (first) {
          first = false;
          throw new Error('silent');
        }
        await deleteUser(id);
      };
    })(service.identity);
    await service.staff.delete(`/staffapi/users/${body.id}`).expect(204);
    await service.staff.get(`/staffapi/users/${body.id}`).expect(404);
    expect((await service.as(token.key).get('/api/clients').expect(401)).body).toEqual({
      detail: 'User inactive or deleted.',
    });
    await service.work();
    expect(service.identity.users.has(uuid)).toBe(false);
    expect(await sql(service.db, 'select 1 from portal_user where id = $1', [body.id])).toEqual([]);
    await create('frank', { email: 'frank2@example.com' }).expect(201);
  });
  it('a user whom identity has from elsewhere stays there', async () => {
    const user = await service.seedUser({ username: 'grace' });
    await service.staff.delete(`/staffapi/users/${user.id}`).expect(204);
    expect(service.identity.users.has(user.uuid)).toBe(true);
    await service.staff.delete(`/staffapi/users/${user.id}`).expect(404);
  });
});

describe('sessions', () => {
  const service = useService();
  const login = (username: string, password: string, area = 'api') =>
    service.nobody.post(`/${area}/login`, { username, password });
  const cookiesOf = (res: { headers: Record<string, unknown> }) => {
    const lines = res.headers['set-cookie'] as string[];
    return {
      Cookie: lines.map((line) => line.split(';')[0]).join('; '),
      csrf: /csrftoken=([^;]+)/.exec(lines.join('\n'))?.[1] ?? '',
      lines,
    };
  };

  it('200: login sets both cookies; reading needs no more, writing needs the CSRF header; logout ends it', async () => {
    const res = await login('demo', 'password of demo').expect(200);
    expect(res.body.user).toMatchObject({ username: 'demo', is_staff: false });
    const { Cookie, csrf, lines } = cookiesOf(res);
    expect(lines[0]).toMatch(/^sessionid=[\w-]{43}; Path=\/; Max-Age=1209600; SameSite=Lax; HttpOnly$/);
    expect(lines[1]).not.toMatch(/HttpOnly/);
    expect((await service.nobody.get('/api/clients').set('Cookie', Cookie).expect(200)).body.totalCount).toBe(1);
    expect((await service.nobody.get('/api/current-user').set('Cookie', Cookie).expect(200)).body).toMatchObject({
      username: 'demo',
      clients: [{ id: service.ownClient, name: 'Jane Doe' }],
      permissions: { 'instances.start': true, 'instances.move': false },
    });
    const logout = (headers: Record<string, string>) => service.nobody.post('/api/logout').set({ Cookie, ...headers });
    expect((await logout({}).expect(403)).body).toEqual({ detail: 'CSRF Failed: CSRF token missing.' });
    const wrong = await logout({ 'X-CSRFToken': 'x' }).expect(403);
    expect([wrong.body, wrong.headers['x-error-code']]).toEqual([
      { detail: "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect." },
      'csrf_failed',
    ]);
    expect((await logout({ 'X-CSRFToken': csrf }).expect(200)).body).toEqual({ detail: 'Successfully logged out.' });
    await service.nobody.get('/api/clients').set('Cookie', Cookie).expect(401);
  });
  it.each(['api', 'staffapi'])(
    '200: every log-out ends its session, also with an Idempotency-Key that was used before: %s',
    async (area) => {
      const name = area === 'api' ? 'demo' : 'demoadmin';
      for (const _ of [1, 2]) {
        const { body, headers } = await service.nobody
          .post(`/${area}/login`, { username: name, password: `password of ${name}` })
          .expect(200);
        expect(body.user.username).toBe(name);
        const { Cookie, csrf } = cookiesOf({ headers });
        const out = await service.nobody
          .post(`/${area}/logout`)
          .set({ Cookie, 'X-CSRFToken': csrf, 'Idempotency-Key': 'out' })
          .expect(200);
        expect(String(out.headers['set-cookie'])).toContain('Max-Age=0');
        await service.nobody.get(`/${area}/current-user`).set('Cookie', Cookie).expect(401);
      }
    },
  );
  it('a new log-in has a new key, and the session that the browser had before is over', async () => {
    const first = cookiesOf(await login('demo', 'password of demo').expect(200));
    const again = (password: string) =>
      service.nobody.post('/api/login', { username: 'demo', password }).set('Cookie', first.Cookie);
    const works = async ({ Cookie }: { Cookie: string }) =>
      (await service.nobody.get('/api/clients').set('Cookie', Cookie)).status;
    await again('wrong').expect(400);
    expect(await works(first)).toBe(200);
    const second = cookiesOf(await again('password of demo').expect(200));
    expect(second.Cookie).not.toBe(first.Cookie);
    expect([await works(first), await works(second)]).toEqual([401, 200]);
  });
  it('403: a GET that writes needs the CSRF header too', async () => {
    const { Cookie, csrf } = cookiesOf(await login('demoadmin', 'password of demoadmin', 'staffapi').expect(200));
    const take = (headers: object) =>
      service.nobody
        .get(`/staffapi/clients/${service.ownClient}/get_client_for_invoice_processing`)
        .set({ Cookie, ...headers });
    expect((await take({}).expect(403)).headers['x-error-code']).toBe('csrf_failed');
    await take({ 'X-CSRFToken': csrf }).expect(200);
  });
  it('200: behind TLS the cookies are for TLS alone', async () => {
    expect(
      cookiesOf(await login('demo', 'password of demo').set('X-Forwarded-Proto', 'https').expect(200)).lines.every(
        (line) => line.includes('Secure'),
      ),
    ).toBe(true);
  });
  it.each([
    ['a wrong password', 'demo', 'wrong', 'api'],
    ['an unknown name', 'nobody', 'x', 'api'],
    ['staff on the side of end users', 'demoadmin', 'password of demoadmin', 'api'],
    ['an end user on the side of staff', 'demo', 'password of demo', 'staffapi'],
  ])('400: %s', async (_title, name, password, area) => {
    expect((await login(name, password, area).expect(400)).body).toEqual({
      non_field_errors: ['Unable to log in with provided credentials.'],
    });
  });
  it('sessions that are over are thrown away to the last, however many there are', async () => {
    await sql(
      service.db,
      `insert into portal_session (key_hash, user_id, csrf_token, expires_at) select sha256(n::text::bytea), u.id, '', now() - interval '1 year' from portal_user u, generate_series(1, 5001) n where u.username = 'demoadmin'`,
    );
    await service.sweep('portal.expired');
    expect(await sql(service.db, `select count(*)::int n from portal_session where csrf_token = ''`)).toEqual([
      { n: 0 },
    ]);
  });
  it('401: a session is over after two weeks, when its user was inactive, and when the key is guessed', async () => {
    const { Cookie } = cookiesOf(await login('stranger', 'password of stranger').expect(200));
    const [row] = await sql<{ id: number }>(service.db, `select id from portal_user where username = 'stranger'`);
    await service.staff.patch(`/staffapi/users/${row?.id}`, { is_active: false }).expect(200);
    await service.nobody.get('/api/clients').set('Cookie', Cookie).expect(401);
    await service.staff.patch(`/staffapi/users/${row?.id}`, { is_active: true }).expect(200);
    await service.nobody.get('/api/clients').set('Cookie', Cookie).expect(401); // sign-ins do not come back
    const again = cookiesOf(await login('stranger', 'password of stranger').expect(200)).Cookie;
    await service.nobody.get('/api/clients').set('Cookie', again).expect(200);
    service.clock.advance(14 * 24 * 3600 + 1);
    await service.nobody.get('/api/clients').set('Cookie', again).expect(401);
    await service.nobody
      .get('/api/clients')
      .set('Cookie', 'sessionid=' + 'A'.repeat(43))
      .expect(401);
  });
  it('429: after too many failures an address has to wait to sign in, with the right password too; known tokens keep working', async () => {
    const app = buildApp({ ...service.ctx, metrics: createMetrics('compute', false), failures: createThrottle(3) });
    const login = (password: string) => request(app).post('/api/login').send({ username: 'demo', password });
    for (let i = 0; i < 3; i += 1) await login('wrong').expect(400);
    await login('wrong').expect(429);
    const res = await login('password of demo').expect(429);
    expect(res.body.detail).toMatch(/^Request was throttled\. Expected available in \d+ seconds\.$/);
    expect([res.headers['x-error-code'], Number(res.headers['retry-after']) > 0]).toEqual(['throttled', true]);
    const show = (token: string) => request(app).get('/api/clients').set('Authorization', `Token ${token}`);
    for (let i = 0; i < 3; i += 1) await show('0'.repeat(40)).expect(401);
    await show('0'.repeat(40)).expect(429);
    await show(service.tokens.user).expect(200);
    await request(app)
      .post('/api/login')
      .set('X-Forwarded-For', '192.0.2.7')
      .send({ username: 'demo', password: 'password of demo' })
      .expect(200);
  });
});
