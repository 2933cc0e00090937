import { login, people, PASSWORD, useService } from '../support.js';

const { admin, user, other } = people;

describe('what is accepted of a user is done, what is not known is refused', () => {
  const s = useService();
  const as = () => s.as(admin.token);
  const put = (uuid: string, change: object) => as().put(`/identity/v2.0/users/${uuid}`).send({ user: change });
  const act = (body: object) => as().post(`/identity/v2.0/users/${user.uuid}/action`).send(body);
  const row = () =>
    s.rows(
      'select a.*, array(select group_id from group_member where account_id = a.id) g from account a where uuid = $1',
      [user.uuid],
    );

  it('200: enabled false ends the tokens for good, true allows to sign in again; is_active is the same field', async () => {
    for (const name of ['enabled', 'is_active']) {
      const { headers } = await login(s, other).expect(201);
      expect((await put(other.uuid, { [name]: false }).expect(200)).body.user).toMatchObject({
        enabled: false,
        is_active: false,
      });
      await login(s, other).expect(401);
      expect((await put(other.uuid, { [name]: true }).expect(200)).body.user).toMatchObject({
        enabled: true,
        is_active: true,
      });
      await s
        .as(headers['x-subject-token'] as string)
        .get('/account/v1.0/authenticate')
        .expect(401);
      await login(s, other).expect(201);
    }
  });
  it('200: enabled as it is revokes nothing', async () => {
    await put(user.uuid, { enabled: true }).expect(200);
    await s.as(user.token).get('/account/v1.0/authenticate').expect(200);
  });
  it('200: email is the address by which the user signs in, as username is', async () => {
    expect((await put(other.uuid, { email: 'Moved@example.com' }).expect(200)).body.user).toMatchObject({
      email: 'moved@example.com',
      username: 'moved@example.com',
    });
    await login(s, other).expect(401);
    await login(s, { email: 'moved@example.com' }).expect(201);
    await put(other.uuid, { email: other.email, username: other.email.toUpperCase(), id: other.uuid }).expect(200);
    await login(s, other).expect(201);
  });
  it('409: a user who was never accepted is not enabled, and nothing else is changed with it', async () => {
    const uuid = '11111111-1111-4111-8111-111111111111';
    await s.rows(
      `insert into account (uuid, username, email, first_name, last_name, default_project)
       values ($1, 'new@example.com', 'new@example.com', 'N', 'N', $1)`,
      [uuid],
    );
    await put(uuid, { enabled: true, first_name: 'Changed' }).expect(409);
    expect((await as().get(`/identity/v2.0/users/${uuid}`).expect(200)).body.user).toMatchObject({
      enabled: false,
      first_name: 'N',
    });
  });
  it.each([
    [{ name: 'Somebody Else' }],
    [{ tenantId: admin.uuid }],
    [{ roles: ['admin'] }],
    [{ is_superuser: true }],
    [{ Enabled: false }],
    [{ first_name: 'X', enable: false }],
    [{ enabled: 'false' }],
    [{ enabled: true, is_active: false }],
    [{ username: 'a@example.com', email: 'b@example.com' }],
    [{ id: other.uuid, first_name: 'X' }],
  ])('400: PUT %j changes nothing', async (change) => {
    const before = await row();
    await put(user.uuid, change).expect(400);
    await as()
      .put(`/identity/v2.0/users/${user.uuid}`)
      .send({ user: { first_name: 'X' }, enabled: false })
      .expect(400);
    expect(await row()).toEqual(before);
  });
  it.each([
    [{ deactivate: { reason: 'x' }, until: '2030-01-01' }],
    [{ deactivate: { reason: 'x', until: '2030-01-01' } }],
    [{ deactivate: { reason: 5 } }],
    [{ deactivate: 'because' }],
    [{ renewToken: { expires: '2030-01-01' } }],
    [{ addGroup: { name: 'helpdesk', until: '2030-01-01' } }],
    [{ addGroup: 'helpdesk' }],
    [{ revokeTokens: { except: 'this' } }],
  ])('400: the action %j changes nothing', async (body) => {
    const before = await row();
    await act(body).expect(400);
    expect(await row()).toEqual(before);
    await s.as(user.token).get('/account/v1.0/authenticate').expect(200);
  });
  it('400: a reason that is too long is not cut', () => act({ deactivate: { reason: 'x'.repeat(4097) } }).expect(400));
  it('400: a user is not made with what is not known', async () => {
    const wish = { username: 'never@example.com', first_name: 'A', last_name: 'B', password: PASSWORD };
    for (const more of [{ enabled: false }, { groups: ['admin-api'] }, { is_superuser: true }])
      await as()
        .post('/identity/v2.0/users')
        .send({ user: { ...wish, ...more } })
        .expect(400);
    expect(await s.rows("select 1 from account where username = 'never@example.com'")).toEqual([]);
  });
  it.each([
    '/identity/v2.0/users?enabled=false',
    '/identity/v2.0/users/detail?email=user@example.com',
    '/identity/v2.0/users?marker=nobody',
    '/identity/v2.0/users?marker=11111111-2222-4111-8111-111111111111',
    '/identity/v2.0/tenants?enabled=false',
    '/identity/v2.0/tenants?marker=nothing',
    '/identity/v2.0/OS-KSADM/roles?name=default',
    '/identity/v2.0/OS-KSADM/services?type=compute',
    '/identity/v2.0/endpoints?region=elsewhere',
    `/identity/v2.0/users/${user.uuid}/roles?tenantId=x`,
    '/account/v1.0/projects?owned=true',
    '/account/v1.0/projects?owner=me',
  ])('400: GET %s does not answer everything', async (path) => {
    await as().get(path).expect(400);
    await as().get(path.replace(/\?.*/, '?format=json')).expect(200);
  });
  it('200: projects of an owner', async () => {
    const mine = s.as(user.token);
    await mine
      .post('/account/v1.0/projects')
      .send({ name: 'mine.example.org', end_date: '2099-01-01T00:00:00Z' })
      .expect(201);
    const names = async (owner: string) =>
      (await mine.get('/account/v1.0/projects').query({ owner }).expect(200)).body.map((p: { name: string }) => p.name);
    expect(await names(user.uuid)).toEqual(['mine.example.org']);
    expect(await names(other.uuid)).toEqual([]);
    await mine
      .post('/account/v1.0/projects')
      .send({ name: 'two.example.org', end_date: '2099-01-01T00:00:00Z', member_limit: 3 })
      .expect(400);
  });
  it('400: a token of a trust is not answered with one of all rights', async () => {
    const asked = (more: object) =>
      s
        .api()
        .post('/identity/v2.0/tokens')
        .send({ auth: { token: { id: user.token }, ...more } });
    await asked({ trust_id: 'b2d3' }).expect(400);
    await asked({ trust_id: null }).expect(200);
  });
});
