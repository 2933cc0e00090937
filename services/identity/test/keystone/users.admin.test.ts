import { people, PASSWORD, useService } from '../support.js';

describe('/identity/v2.0/users', () => {
  const s = useService();
  const admin = () => s.as(people.admin.token);
  const create = async (username: string) =>
    (
      await admin()
        .post('/identity/v2.0/users')
        .send({ user: { username, first_name: 'New', last_name: 'User' } })
        .expect(200)
    ).body.user;
  const act = (id: string, body: object) => admin().post(`/identity/v2.0/users/${id}/action`).send(body);

  it('200: a created user signs in at once with the password that was made; a given one is not repeated', async () => {
    const made = await create('New@Example.com');
    expect((await s.as(made.auth_token).get('/account/v1.0/authenticate').expect(200)).body).toMatchObject({
      displayname: 'new@example.com',
      name: 'New User',
      groups: ['default'],
    });
    await s
      .api()
      .post('/identity/v2.0/tokens')
      .send({ auth: { passwordCredentials: { username: 'new@example.com', password: made.password } } })
      .expect(200);
    expect(
      (
        await admin()
          .post('/identity/v2.0/users')
          .send({ user: { username: 'given@example.com', first_name: 'A', last_name: 'B', password: PASSWORD } })
          .expect(200)
      ).body.user.password,
    ).toBeUndefined();
  });
  it('400: no names, no address, a short password; 409: a verified namesake', async () => {
    for (const user of [
      { username: 'x@example.com' },
      { username: 'x', first_name: 'A', last_name: 'B' },
      { username: 'x@example.com', first_name: 'A', last_name: 'B', password: 'short' },
    ])
      await admin().post('/identity/v2.0/users').send({ user }).expect(400);
    await admin()
      .post('/identity/v2.0/users')
      .send({ user: { username: people.user.email, first_name: 'A', last_name: 'B' } })
      .expect(409);
  });
  it('200: list, detail with dates, one by name, paging, suffixes', async () => {
    const { users } = (await admin().get('/identity/v2.0/users').expect(200)).body;
    expect(users.find((u: { id: string }) => u.id === people.user.uuid)).toMatchObject({
      email: people.user.email,
      enabled: true,
      username: people.user.email,
      roles: ['default'],
      authentication_methods: [{ identifier: people.user.email, backend: 'astakos' }],
    });
    expect((await admin().get('/identity/v2.0/users/detail').expect(200)).body.users[0].date_joined).toMatch(
      /^\d{4}-.*\.\d{6}\+00:00$/,
    );
    expect((await admin().get(`/identity/v2.0/users?name=${people.user.email}`).expect(200)).body.user.id).toBe(
      people.user.uuid,
    );
    expect((await admin().get(`/identity/v2.0/users?limit=1&marker=${users[0].id}`).expect(200)).body.users[0].id).toBe(
      users[1].id,
    );
    expect((await admin().get(`/identity/v2.0/users/${people.user.uuid}.json`).expect(200)).body.user.id).toBe(
      people.user.uuid,
    );
    expect((await admin().get('/identity/v2.0/users/nobody').expect(404)).body.itemNotFound.code).toBe(404);
  });
  it("200: PUT changes; 409: to another's address", async () => {
    const { id } = await create('put@example.com');
    expect(
      (
        await admin()
          .put(`/identity/v2.0/users/${id}`)
          .send({ user: { first_name: 'Changed', username: 'Put2@example.com' } })
          .expect(200)
      ).body.user,
    ).toMatchObject({ first_name: 'Changed', last_name: 'User', email: 'put2@example.com' });
    await admin()
      .put(`/identity/v2.0/users/${id}`)
      .send({ user: { username: people.user.email } })
      .expect(409);
  });
  it('actions: groups become roles of the next answer; impossible ones 409 or unchanged; unknown ones 400', async () => {
    const made = await create('act@example.com');
    await s.as(made.auth_token).get('/account/v1.0/authenticate').expect(200);
    await act(made.id, { addGroup: { name: 'helpdesk' } }).expect(200);
    expect((await s.as(made.auth_token).get('/account/v1.0/authenticate').expect(200)).body.groups).toEqual([
      'default',
      'helpdesk',
    ]);
    await act(made.id, { removeGroup: { name: 'helpdesk' } }).expect(200);
    expect((await s.as(made.auth_token).get('/account/v1.0/authenticate').expect(200)).body.groups).toEqual([
      'default',
    ]);
    for (const body of [{ verify: '' }, { accept: '' }, { reject: {} }, { removeGroup: { name: 'helpdesk' } }])
      await act(made.id, body).expect(409);
    expect((await act(made.id, { deactivate: { reason: 'x' } }).expect(200)).body.user).toEqual({
      id: made.id,
      is_active: false,
    });
    expect((await act(made.id, { deactivate: { reason: 'x' } }).expect(200)).body.user.is_active).toBe(false);
    expect((await act(made.id, { activate: '' }).expect(200)).body.user.is_active).toBe(true);
    for (const body of [{}, { fly: '' }, { constructor: '' }, { activate: '', deactivate: {} }])
      await act(made.id, body).expect(400);
    await act('nobody', { activate: '' }).expect(404);
  });
  it('a rejected user can not sign in and may be accepted later', async () => {
    await s.rows(
      `insert into account (uuid, username, email, first_name, last_name, email_verified, default_project)
       values ('11111111-1111-4111-8111-111111111111', 'r@example.com', 'r@example.com', 'R', 'R', true,
         '11111111-1111-4111-8111-111111111111')`,
    );
    const id = '11111111-1111-4111-8111-111111111111';
    await act(id, { reject: { reason: 'no' } }).expect(200);
    expect((await admin().get(`/identity/v2.0/users/${id}`).expect(200)).body.user).toMatchObject({
      is_rejected: true,
      rejected_reason: 'no',
      is_active: false,
    });
    expect((await act(id, { activate: '' }).expect(200)).body.user.is_active).toBe(false);
    expect((await act(id, { accept: '' }).expect(200)).body.user.is_active).toBe(true);
  });
  it('400, as any unknown path: where administration is switched off, on v3 too; nothing is changed', async () => {
    const off = await s.replica({ NEFOS_IDENTITY_USER_ADMIN: 'off' });
    expect(
      (await off.api().get('/identity/v2.0/users').set('X-Auth-Token', people.admin.token).expect(400)).body.badRequest
        .message,
    ).toBe('API endpoint not found');
    const row = () => s.rows('select * from account where uuid = $1', [people.other.uuid]);
    const before = await row();
    for (const user of [{ password: 'a stolen long password' }, { enabled: false }, { email: 'else@example.com' }]) {
      const change = off
        .api()
        .patch(`/identity/v3/users/${people.other.uuid}`)
        .set('X-Auth-Token', people.admin.token)
        .send({ user });
      expect((await change.expect(400)).body.error.message).toBe('API endpoint not found');
    }
    expect(await row()).toEqual(before);
    await off.api().get('/account/v1.0/authenticate').set('X-Auth-Token', people.other.token).expect(200);
  });
});
