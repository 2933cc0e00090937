import { login, people, PASSWORD, service, useService } from '../support.js';

const TOKENS = '/identity/v3/auth/tokens';
describe('v3 tokens', () => {
  const s = useService();
  const subject = (caller: string, token: string, query = '') =>
    s
      .as(caller)
      .get(TOKENS + query)
      .set('X-Subject-Token', token);
  const auth = (identity: object, scope?: unknown) =>
    s
      .api()
      .post(TOKENS)
      .send({ auth: { identity, ...(scope !== undefined && { scope }) } });

  it("200: a component validates a user token, its own and another component's, as the other services do", async () => {
    const res = await subject(service.token, people.user.token, '?nocatalog').expect(200);
    expect(res.body.token).toMatchObject({
      user: { id: people.user.uuid, name: people.user.email, domain: { id: 'default', name: 'Default' } },
      roles: [{ name: 'reader' }, { name: 'member' }, { id: '1', name: 'default' }],
      audit_ids: [expect.any(String)],
      expires_at: '9999-12-31T23:59:59.000000Z',
    });
    expect(res.body.token.catalog).toBeUndefined();
    expect(
      (await subject(service.token, people.admin.token, '?nocatalog').expect(200)).body.token.roles.map(
        (r: { name: string }) => r.name,
      ),
    ).toEqual(['reader', 'member', 'manager', 'admin', 'default', 'admin-api']);
    expect((await subject(service.token, service.token, '?nocatalog').expect(200)).body.token).toMatchObject({
      user: { id: `component:${service.name}`, name: service.name },
      roles: [
        { id: 'service', name: 'service' },
        { id: 'users.manage', name: 'users.manage' },
      ],
      expires_at: '9999-12-31T23:59:59.000000Z',
    });
  });
  it("404: a stranger's token looks absent; 401: a bad X-Auth-Token", async () => {
    await subject(people.other.token, people.user.token).expect(404);
    await subject(people.user.token, service.token).expect(404);
    await subject('nothing-of-the-kind-00000000000000', people.user.token).expect(401);
    await s.as(people.user.token).get(TOKENS).expect(404);
  });
  it('404: the token of an inactive user, and of one with unsigned terms', async () => {
    for (const [breaking, mending] of [
      ['update account set is_active = false where uuid = $1', 'update account set is_active = true where uuid = $1'],
      [
        "insert into approval_terms (date, location) select now() + interval '1 minute', $1::text",
        'delete from approval_terms where location = $1::text',
      ],
    ] as const) {
      await s.rows(breaking, [people.other.uuid]);
      s.ctx.tokens.forget('all');
      await subject(service.token, people.other.token).expect(404);
      await s.rows(mending, [people.other.uuid]);
      s.ctx.tokens.forget('all');
      await subject(service.token, people.other.token).expect(200);
    }
  });
  it('an expired token is shown to components with allow_expired, for two days', async () => {
    const token = (await login(s, people.user).expect(201)).headers['x-subject-token'] as string;
    await s.rows("update token set expires_at = now() - interval '1 hour' where hint = $1", [token.slice(0, 6)]);
    s.ctx.tokens.forget('all');
    await subject(service.token, token).expect(404);
    await subject(people.user.token, token, '?allow_expired=1').expect(404);
    await subject(service.token, token, '?allow_expired=1').expect(200);
    await s.rows("update token set expires_at = now() - interval '3 days' where hint = $1", [token.slice(0, 6)]);
    await subject(service.token, token, '?allow_expired=1').expect(404);
  });
  it('201: scopes: the default project, unscoped, the domain and the system for superusers only', async () => {
    expect((await login(s, people.user).expect(201)).body.token.project.id).toBe(people.user.uuid);
    expect(Object.keys((await login(s, people.user, 'unscoped').expect(201)).body.token)).toEqual(
      expect.not.arrayContaining(['project', 'roles', 'catalog']),
    );
    expect(
      (
        await login(s, people.user, {
          project: { name: `system:${people.user.uuid}`, domain: { id: 'default' } },
        }).expect(201)
      ).body.token.project.id,
    ).toBe(people.user.uuid);
    expect((await login(s, people.admin, { domain: { id: 'default' } }).expect(201)).body.token.domain.id).toBe(
      'default',
    );
    expect((await login(s, people.admin, { system: { all: true } }).expect(201)).body.token.system).toEqual({
      all: true,
    });
    for (const scope of [
      { domain: { id: 'default' } },
      { system: { all: true } },
      { project: { id: people.other.uuid } },
    ])
      await login(s, people.user, scope).expect(401);
    await login(s, people.admin, { domain: { id: 'other' } }).expect(401);
    await auth({
      methods: ['password'],
      password: { user: { name: people.user.email, domain: { id: 'other' }, password: PASSWORD } },
    }).expect(401);
  });
  it("201: a token from a token keeps the parent's end and scope; 401 from a component's or revoked one", async () => {
    const parent = await login(s, people.user, 'unscoped').expect(201);
    const id = parent.headers['x-subject-token'] as string;
    const child = await auth({ methods: ['token'], token: { id } }).expect(201);
    expect([
      child.body.token.expires_at <= parent.body.token.expires_at,
      child.body.token.methods,
      child.body.token.project,
    ]).toEqual([true, ['password', 'token'], undefined]);
    expect(
      (await auth({ methods: ['token'], token: { id } }, { project: { id: people.user.uuid } }).expect(201)).body.token
        .project.id,
    ).toBe(people.user.uuid);
    await auth({ methods: ['token'], token: { id: service.token } }).expect(401);
    await s.as(id).delete(TOKENS).set('X-Subject-Token', id).expect(204);
    await auth({ methods: ['token'], token: { id } }).expect(401);
  });
  it('400: methods that are unknown, none, or more than one', async () => {
    for (const identity of [
      { methods: ['kerberos'] },
      { methods: [] },
      { methods: ['password'] },
      { methods: ['password', 'token'], token: { id: 'x' } },
    ])
      await auth(identity).expect(400);
  });
  it('200: filters of users and projects hold over all pages, not within the first', async () => {
    await s.rows('update account set is_active = false where uuid = $1', [people.other.uuid]);
    await s.rows("update project set state = 'suspended' where uuid = $1", [people.other.uuid]);
    const ids = async (kind: 'users' | 'projects', search: string): Promise<string[]> => {
      const { body } = await s.as(people.admin.token).get(`/identity/v3/${kind}${search}`).expect(200);
      return [
        ...(body[kind] as { id: string }[]).map((one) => one.id),
        ...(body.links.next ? await ids(kind, new URL(body.links.next as string).search) : []),
      ];
    };
    const known = Object.values(people).map((p) => p.uuid);
    for (const kind of ['users', 'projects'] as const) {
      expect(await ids(kind, '?limit=1&enabled=false')).toEqual([people.other.uuid]);
      expect(new Set(await ids(kind, '?limit=1&enabled=true'))).toEqual(
        new Set(known.filter((id) => id !== people.other.uuid)),
      );
      expect(await ids(kind, '?limit=1')).toHaveLength(3);
    }
    for (const id of known) expect(await ids('projects', `?limit=1&user_id=${id}`)).toEqual([id]);
    expect(await ids('projects', '?user_id=nobody')).toEqual([]);
    await s.rows('update account set is_active = true where uuid = $1', [people.other.uuid]);
    await s.rows("update project set state = 'active' where uuid = $1", [people.other.uuid]);
  });
  it('lists page by limit and marker', async () => {
    const first = (await s.as(people.admin.token).get('/identity/v3/users?limit=2').expect(200)).body;
    expect(first.users).toHaveLength(2);
    const next = new URL(first.links.next);
    const rest = (await s.as(people.admin.token).get(`/identity/v3/users${next.search}`).expect(200)).body;
    expect([...first.users, ...rest.users].map((u: { id: string }) => u.id)).toEqual(
      (await s.as(people.admin.token).get('/identity/v3/users').expect(200)).body.users.map(
        (u: { id: string }) => u.id,
      ),
    );
    expect(
      (await s.as(people.admin.token).get(`/identity/v3/users?name=${people.user.email}`).expect(200)).body.users,
    ).toHaveLength(1);
  });
  it('own project for its user, any for an administrator, 403 for others', async () => {
    for (const [token, status] of [
      [people.user.token, 200],
      [people.admin.token, 200],
      [people.other.token, 403],
    ] as const) {
      await s.as(token).get(`/identity/v3/projects/${people.user.uuid}`).expect(status);
      await s.as(token).get(`/identity/v3/users/${people.user.uuid}/projects`).expect(status);
    }
    await s.as(people.admin.token).get('/identity/v3/projects/nothing').expect(404);
  });
});

describe('application credentials', () => {
  const s = useService();
  const path = `/identity/v3/users/${people.user.uuid}/application_credentials`;
  const create = (body: object, token = people.user.token) =>
    s.as(token).post(path).send({ application_credential: body });
  const use = (payload: object, scope?: object) =>
    s
      .api()
      .post(TOKENS)
      .send({
        auth: {
          identity: { methods: ['application_credential'], application_credential: payload },
          ...(scope && { scope }),
        },
      });

  it('201: the secret is shown once and kept only as a hash', async () => {
    const made = (await create({ name: 'one' }).expect(201)).body.application_credential;
    expect(made.secret).toMatch(/^ac_[\w-]{43}$/);
    expect(
      (
        await s.rows<{ secret_hash: string }>('select secret_hash from application_credential where id = $1', [made.id])
      )[0]?.secret_hash,
    ).toMatch(/^\$argon2id\$/);
    await use({ id: made.id, secret: made.secret }).expect(201);
  });
  it('400: access rules, a past end, roles that the token has not', async () => {
    await create({ name: 'x', access_rules: [{ service: 'compute', method: 'GET', path: '/' }] }).expect(400);
    await create({ name: 'x', expires_at: '2001-01-01T00:00:00' }).expect(400);
    await create({ name: 'x', roles: [{ name: 'admin' }] }).expect(400);
  });
  it("a credential with one role gives a token with one role; an administrator's reader does not administer", async () => {
    const made = (
      await s
        .as(people.admin.token)
        .post(`/identity/v3/users/${people.admin.uuid}/application_credentials`)
        .send({ application_credential: { name: 'ro', roles: [{ name: 'reader' }] } })
        .expect(201)
    ).body.application_credential;
    const res = await use({ id: made.id, secret: made.secret }).expect(201);
    expect(res.body.token.roles).toEqual([{ id: 'reader', name: 'reader' }]);
    const token = res.headers['x-subject-token'] as string;
    await s.as(token).get('/identity/v2.0/users').expect(403);
    await s.as(token).get('/identity/v3/users').expect(403);
    await s.as(token).get(TOKENS).set('X-Subject-Token', people.user.token).expect(404);
  });
  it('a token from it ends with it, keeps its project, and can not make another credential', async () => {
    const made = (
      await create({ name: 'short', expires_at: new Date(Date.now() + 3600_000).toISOString() }).expect(201)
    ).body.application_credential;
    const res = await use({ name: 'short', secret: made.secret, user: { id: people.user.uuid } }).expect(201);
    const token = res.headers['x-subject-token'] as string;
    expect(res.body.token.expires_at).toBe(`${made.expires_at}Z`);
    expect(res.body.token.application_credential).toEqual({ id: made.id, name: 'short', restricted: true });
    await use({ id: made.id, secret: made.secret }, { project: { id: people.other.uuid } }).expect(401);
    await create({ name: 'more' }, token).expect(403);
    const child = (
      await s
        .api()
        .post(TOKENS)
        .send({ auth: { identity: { methods: ['token'], token: { id: token } } } })
        .expect(201)
    ).headers['x-subject-token'] as string;
    await create({ name: 'more' }, child).expect(403);
    await s.as(people.user.token).delete(`${path}/${made.id}`).expect(204);
    for (const dead of [token, child]) await s.as(dead).get('/account/v1.0/authenticate').expect(401);
  });
  it('409: the same name again, also two at once; 404 and 403 for strangers', async () => {
    const both = await Promise.all([create({ name: 'twin' }), create({ name: 'twin' })]);
    expect(both.map((r) => r.status).sort()).toEqual([201, 409]);
    const { id } = both.find((r) => r.status === 201)!.body.application_credential;
    await s.as(people.other.token).get(`${path}/${id}`).expect(403);
    await s
      .as(people.other.token)
      .get(`/identity/v3/users/${people.other.uuid}/application_credentials/${id}`)
      .expect(404);
    await s
      .as(people.other.token)
      .delete(`/identity/v3/users/${people.other.uuid}/application_credentials/${id}`)
      .expect(404);
  });
  it('401: six wrong secrets lock the credential', async () => {
    const made = (await create({ name: 'guessed' }).expect(201)).body.application_credential;
    for (let i = 0; i < 6; i += 1) await use({ id: made.id, secret: 'wrong' }).expect(401);
    await use({ id: made.id, secret: made.secret }).expect(401);
  });
});
