import { login, people, PASSWORD, service, useService } from './support.js';

describe('sessions that a component keeps', () => {
  const s = useService();
  const { user } = people;
  const open = (password = PASSWORD, uuid = user.uuid) => s.as(service.token).post(`/internal/v1/users/${uuid}/sessions`).send({ password, seconds: 3600 });
  const opened = async (): Promise<string> => (await open().expect(201)).body.audit_id;
  const look = async (auditId: string): Promise<number> => (await s.as(service.token).get(`/internal/v1/sessions/${auditId}`)).status;
  const act = (action: object) => s.as(people.admin.token).post(`/identity/v2.0/users/${user.uuid}/action`).send(action).expect(200);

  it('201, 204: begins with the right password, lives, and ends; its text is nowhere', async () => {
    const { body } = await open().expect(201);
    expect(Object.keys(body).sort()).toEqual(['audit_id', 'expires_at']);
    expect((await s.as(service.token).get(`/internal/v1/sessions/${body.audit_id}`).expect(200)).body).toMatchObject({
      uuid: user.uuid,
      username: user.email,
      expires_at: body.expires_at,
    });
    for (let i = 0; i < 2; i += 1) await s.as(service.token).delete(`/internal/v1/sessions/${body.audit_id}`).expect(204);
    expect(await look(body.audit_id)).toBe(404);
  });
  it('401 with its reason: a wrong password, nobody', async () => {
    expect((await open('wrong').expect(401)).body.error.reason).toBe('credentials.wrong');
    await open(PASSWORD, '00000000-0000-4000-8000-000000000000').expect(401);
  });
  it.each<[string, () => Promise<unknown>]>([
    [
      'a new password',
      () =>
        s
          .as(people.admin.token)
          .put(`/identity/v2.0/users/${user.uuid}`)
          .send({ user: { password: PASSWORD } })
          .expect(200),
    ],
    ['deactivation, also after activation', () => act({ deactivate: {} }).then(() => act({ activate: {} }))],
    ['the end of all tokens', () => act({ revokeTokens: {} })],
  ])('404: over after %s', async (_title, work) => {
    const auditId = await opened();
    expect(await look(auditId)).toBe(200);
    await work();
    expect(await look(auditId)).toBe(404);
  });
  it('404: no other token is a session', async () => {
    const { body } = await s.as(service.token).post(`/internal/v1/users/${user.uuid}/tokens`).send({ label: '', form: 'hex', expires_at: null }).expect(201);
    expect(await look(body.audit_id)).toBe(404);
  });
  it('409: a token is not made with a session that is over', async () => {
    const auditId = await opened();
    const issue = () =>
      s.as(service.token).post(`/internal/v1/users/${user.uuid}/tokens`).send({ label: '', form: 'hex', expires_at: null, made_with: auditId });
    await issue().expect(201);
    await s.as(service.token).delete(`/internal/v1/sessions/${auditId}`).expect(204);
    await issue().expect(409);
  });
});

describe('the state of a user', () => {
  const s = useService();
  const { user, admin, other } = people;
  const set = (active: boolean, sequence: number, uuid = user.uuid) =>
    s.as(service.token).put(`/internal/v1/users/${uuid}/state`).send({ is_active: active, sequence });
  const works = async (token: string): Promise<boolean> => (await s.as(token).get('/account/v1.0/authenticate')).status === 200;

  it('200: a component suspends and lets in again: named tokens come back, sign-ins do not; late words change nothing', async () => {
    const signedIn = (await login(s, user).expect(201)).headers['x-subject-token'] as string;
    expect([await works(user.token), await works(signedIn)]).toEqual([true, true]);
    expect((await set(false, 5).expect(200)).body).toMatchObject({ uuid: user.uuid, is_active: false });
    expect([await works(user.token), await works(signedIn)]).toEqual([false, false]);
    expect((await set(true, 4).expect(200)).body.is_active).toBe(false);
    expect((await set(true, 6).expect(200)).body.is_active).toBe(true);
    expect((await set(false, 6).expect(200)).body.is_active).toBe(true);
    expect([await works(user.token), await works(signedIn)]).toEqual([true, false]);
  });
  it('403: superusers are out of reach; 404: nobody; 409: a token for somebody deactivated', async () => {
    await set(false, 1, admin.uuid).expect(403);
    expect(await works(admin.token)).toBe(true);
    await set(false, 1, '00000000-0000-4000-8000-000000000000').expect(404);
    await set(false, 1, other.uuid).expect(200);
    await s.as(service.token).post(`/internal/v1/users/${other.uuid}/tokens`).send({ label: '', form: 'hex', expires_at: null }).expect(409);
    await set(true, 2, other.uuid).expect(200);
  });
  it('200: what changes is told in its order, page after page', async () => {
    const read = async (query: object) => (await s.as(service.token).get('/internal/v1/user-states').query(query).expect(200)).body.users;
    await set(false, 10, other.uuid).expect(200);
    await s.as(admin.token).post(`/identity/v2.0/users/${user.uuid}/action`).send({ deactivate: {} }).expect(200);
    const all = await read({});
    expect(all.slice(-2)).toMatchObject([
      { uuid: other.uuid, is_active: false },
      { uuid: user.uuid, is_active: false },
    ]);
    const [before] = all.slice(-2);
    expect(await read({ after: before.changed_at, after_uuid: before.uuid })).toEqual(all.slice(-1));
    expect(await read({ limit: 1 })).toEqual(all.slice(0, 1));
  });
});
