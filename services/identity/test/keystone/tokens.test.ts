import { people, PASSWORD, service, useService } from '../support.js';

describe('/identity/v2.0/tokens', () => {
  const s = useService();
  const mint = async (): Promise<string> =>
    (
      await s
        .api()
        .post('/identity/v2.0/tokens')
        .send({ auth: { passwordCredentials: { username: people.user.email, password: PASSWORD } } })
        .expect(200)
    ).body.access.token.id;

  it('200: name in any case and password mint a token of 43 characters', async () => {
    const res = await s
      .api()
      .post('/identity/v2.0/tokens')
      .send({ auth: { passwordCredentials: { username: people.user.email.toUpperCase(), password: PASSWORD } } })
      .expect(200);
    expect(res.body.access.token.id).toMatch(/^[\w-]{43}$/);
    expect(res.body.access.user.id).toBe(people.user.uuid);
  });
  it('400: a right password and a foreign tenant mint nothing', async () => {
    const count = async () => (await s.rows<{ n: number }>('select count(*)::int n from token'))[0]?.n;
    const before = await count();
    await s
      .api()
      .post('/identity/v2.0/tokens')
      .send({
        auth: {
          passwordCredentials: { username: people.user.email, password: PASSWORD },
          tenantName: people.other.uuid,
        },
      })
      .expect(400);
    expect(await count()).toBe(before);
  });
  it('no token is anywhere in the database, as text or in part beyond its first six characters', async () => {
    const token = await mint();
    const tables = await s.rows<{ name: string }>(
      `select table_name as name from information_schema.tables
       where table_schema = 'public' and table_type = 'BASE TABLE'`,
    );
    for (const { name } of tables) {
      const rows = await s.rows(
        `select to_jsonb(t)::text as text from "${name}" t where to_jsonb(t)::text like '%' || $1 || '%'`,
        [token.slice(6, 20)],
      );
      expect([name, rows]).toEqual([name, []]);
    }
    const [row] = await s.rows<{ hash: Buffer; hint: string }>(
      'select hash, hint from token order by created_at desc limit 1',
    );
    expect([row?.hash.length, row?.hint]).toEqual([32, token.slice(0, 6)]);
  });
  it('500: what is logged of an unexpected error names the route, not the token in the address', async () => {
    const lines: unknown[] = [];
    const query = s.db.pool.query;
    const error = s.ctx.log.error;
    s.ctx.log.error = (line: unknown) => {
      lines.push(line);
    };
    s.ctx.tokens.forget('all');
    s.db.pool.query = () => Promise.reject(new Error('broken'));
    try {
      await s.as(service.token).get(`/identity/v2.0/tokens/${people.user.token}`).expect(500);
    } finally {
      s.db.pool.query = query;
      s.ctx.log.error = error;
    }
    expect(lines).toEqual([expect.objectContaining({ method: 'GET', path: '/identity/v2.0/tokens/*id' })]);
  });
  it('401: one byte more or less, or another case, is another token; padding that it never had is refused', async () => {
    const { token } = people.user;
    for (const wrong of [token.slice(0, -1), `${token}A`, token.toUpperCase(), `${token}=`, `${token}==`])
      await s.as(wrong).get('/account/v1.0/authenticate').expect(401);
    await s.as(token).get('/account/v1.0/authenticate').expect(200);
  });
  it('401, word for word in order: inactive, expired, unsigned terms', async () => {
    const token = await mint();
    const message = async () => {
      s.ctx.tokens.forget('all');
      return (await s.as(token).get('/account/v1.0/authenticate').expect(401)).body.unauthorized.message;
    };
    await s.rows("insert into approval_terms (date, location) values (now() + interval '1 minute', 'terms.html')");
    expect(await message()).toBe('Pending approval terms');
    await s.rows("update token set expires_at = now() - interval '1 second' where hint = $1", [token.slice(0, 6)]);
    expect(await message()).toBe('Authentication expired');
    await s.rows('update account set is_active = false where uuid = $1', [people.user.uuid]);
    expect(await message()).toBe('User inactive');
    await s.rows('update account set is_active = true where uuid = $1', [people.user.uuid]);
    await s.rows('delete from approval_terms');
    s.ctx.tokens.forget('all');
  });
  it('GET tokens/{id}: 200 for a component, an administrator, itself; 404 for others, no token, a wrong belongsTo', async () => {
    const { token } = people.user;
    const path = `/identity/v2.0/tokens/${token}`;
    for (const caller of [service.token, people.admin.token, token])
      expect((await s.as(caller).get(path).expect(200)).body.access.user.id).toBe(people.user.uuid);
    await s.as(people.other.token).get(path).expect(404);
    await s.api().get(path).expect(404);
    await s.as(service.token).get(`${path}?belongsTo=${people.other.uuid}`).expect(404);
    await s.as(service.token).get(`/identity/v2.0/tokens/${service.token}`).expect(404);
  });
  it('HEAD tokens/{id}: 200 and 404 without a body', async () => {
    expect(
      (await s.as(service.token).head(`/identity/v2.0/tokens/${people.user.token}`).expect(200)).text,
    ).toBeUndefined();
    await s.as(service.token).head('/identity/v2.0/tokens/nothing-of-the-kind').expect(404);
  });
  it("DELETE tokens/{id}: 204 for one's own, 404 for a stranger's and the second time", async () => {
    const token = await mint();
    await s.as(people.other.token).delete(`/identity/v2.0/tokens/${token}`).expect(404);
    await s.as(people.user.token).delete(`/identity/v2.0/tokens/${token}`).expect(204);
    await s.as(people.user.token).delete(`/identity/v2.0/tokens/${token}`).expect(404);
    await s.as(token).get('/account/v1.0/authenticate').expect(401);
  });
  it('when a token was last used is written behind the requests', async () => {
    await s.as(people.other.token).get('/account/v1.0/authenticate').expect(200);
    await s.ctx.tokens.flush();
    expect(
      await s.rows(
        `select 1 from token t join account a on a.id = t.account_id
         where a.uuid = $1 and last_used_at > now() - interval '1 minute'`,
        [people.other.uuid],
      ),
    ).toHaveLength(1);
    expect(await s.ctx.tokens.flush()).toBe(0);
  });
  it('413 and 400 in the dialect: too large, no JSON, a path that can not be decoded; 431 for too many headers', async () => {
    expect(
      (
        await s
          .api()
          .post('/identity/v2.0/tokens')
          .type('json')
          .send(`"${'x'.repeat(300_000)}"`)
          .expect(413)
      ).body.requestEntityTooLarge.code,
    ).toBe(413);
    expect(
      (await s.api().post('/identity/v2.0/tokens').type('json').send('{"auth"').expect(400)).body.badRequest.message,
    ).toBe('Could not decode request body as JSON');
    expect((await s.api().get('/account/v1.0/%zz').expect(400)).body.badRequest.code).toBe(400);
    await s.api().get('/account/v1.0/authenticate').set('X-Auth-Token', 'x'.repeat(50_000)).expect(431);
  });
});
