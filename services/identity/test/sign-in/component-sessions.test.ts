import { randomUUID } from 'node:crypto';
import { login, people, PASSWORD, service, useService } from '../support.js';

describe('sessions that a component keeps', () => {
  const s = useService();
  const { user } = people;
  const open = (password = PASSWORD, uuid = user.uuid) =>
    s.as(service.token).post(`/internal/v1/users/${uuid}/sessions`).send({ password, seconds: 3600 });
  const opened = async (): Promise<string> => (await open().expect(201)).body.audit_id;
  const look = async (auditId: string): Promise<number> =>
    (await s.as(service.token).get(`/internal/v1/sessions/${auditId}`)).status;
  const act = (action: object) =>
    s.as(people.admin.token).post(`/identity/v2.0/users/${user.uuid}/action`).send(action).expect(200);

  it('201, 204: begins with the right password, lives, and ends; its text is nowhere', async () => {
    const { body } = await open().expect(201);
    expect(Object.keys(body).sort()).toEqual(['audit_id', 'expires_at']);
    expect((await s.as(service.token).get(`/internal/v1/sessions/${body.audit_id}`).expect(200)).body).toMatchObject({
      uuid: user.uuid,
      username: user.email,
      expires_at: body.expires_at,
    });
    for (let i = 0; i < 2; i += 1)
      await s.as(service.token).delete(`/internal/v1/sessions/${body.audit_id}`).expect(204);
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
    const { body } = await s
      .as(service.token)
      .post(`/internal/v1/users/${user.uuid}/tokens`)
      .send({ label: '', form: 'hex', expires_at: null })
      .expect(201);
    expect(await look(body.audit_id)).toBe(404);
  });
  it('409: a token is not made with a session that is over', async () => {
    const auditId = await opened();
    const issue = () =>
      s
        .as(service.token)
        .post(`/internal/v1/users/${user.uuid}/tokens`)
        .send({ label: '', form: 'hex', expires_at: null, made_with: auditId });
    await issue().expect(201);
    await s.as(service.token).delete(`/internal/v1/sessions/${auditId}`).expect(204);
    await issue().expect(409);
  });
});

describe('sessions of users whom staff of a component let in', () => {
  const s = useService();
  const { user, admin } = people;
  const made = async (more: object = {}): Promise<string> =>
    (
      await s
        .as(service.token)
        .post(`/internal/v1/users/${user.uuid}/tokens`)
        .send({ label: 'of staff', form: 'hex', expires_at: null, ...more })
        .expect(201)
    ).body.audit_id;
  const open = (madeWith: string, uuid = user.uuid) =>
    s
      .as(service.token)
      .post(`/internal/v1/users/${uuid}/trusted-sessions`)
      .send({ made_with: madeWith, seconds: 3600 });
  const look = async (auditId: string): Promise<number> =>
    (await s.as(service.token).get(`/internal/v1/sessions/${auditId}`)).status;

  it('201: without a password; it ends with the token that it was made with', async () => {
    const madeWith = await made();
    const { body } = await open(madeWith).expect(201);
    expect(await look(body.audit_id)).toBe(200);
    await s.as(service.token).delete(`/internal/v1/tokens/${madeWith}`).expect(204);
    expect(await look(body.audit_id)).toBe(404);
    await open(madeWith).expect(409);
  });
  it('201: it lives no longer than that token', async () => {
    const expires = new Date(Date.now() + 60_000).toISOString();
    const { body } = await open(await made({ expires_at: expires })).expect(201);
    expect(Date.parse(body.expires_at)).toBe(Date.parse(expires));
  });
  it('403: an administrator, a token that only reads; 404: nobody; 409: no such token', async () => {
    const madeWith = await made();
    expect((await open(madeWith, admin.uuid).expect(403)).body.error.reason).toBe('user.protected');
    expect((await open(await made({ read_only: true })).expect(403)).body.error.reason).toBe('token.read_only');
    await open(madeWith, '00000000-0000-4000-8000-000000000000').expect(404);
    await open('nothing').expect(409);
  });
  it('403: a credential, restricted or not: its rights are those of its owner', async () => {
    for (const unrestricted of [true, false]) {
      const made = await s
        .as(people.user.token)
        .post(`/identity/v3/users/${user.uuid}/application_credentials`)
        .send({ application_credential: { name: `c ${unrestricted}`, unrestricted } })
        .expect(201);
      const { id, secret } = made.body.application_credential as { id: string; secret: string };
      const res = await s
        .api()
        .post('/identity/v3/auth/tokens')
        .send({ auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } } })
        .expect(201);
      expect((await open(res.body.token.audit_ids[0]).expect(403)).body.error.reason).toBe('credential.restricted');
    }
  });
  it('401 with the reason of a wrong password: a user who may not sign in', async () => {
    const madeWith = await made();
    const other = await s
      .as(admin.token)
      .post('/identity/v2.0/users')
      .send({ user: { username: `${randomUUID()}@example.com`, first_name: 'A', last_name: 'B' } })
      .expect(200);
    const uuid = other.body.user.id as string;
    await open(madeWith, uuid).expect(201);
    await s.as(admin.token).post(`/identity/v2.0/users/${uuid}/action`).send({ deactivate: {} }).expect(200);
    expect((await open(madeWith, uuid).expect(401)).body.error.reason).toBe('credentials.wrong');
  });
});

describe('the state of a user', () => {
  const s = useService();
  const { user, admin, other } = people;
  const set = (active: boolean, sequence: number, uuid = user.uuid) =>
    s.as(service.token).put(`/internal/v1/users/${uuid}/state`).send({ is_active: active, sequence });
  const works = async (token: string): Promise<boolean> =>
    (await s.as(token).get('/account/v1.0/authenticate')).status === 200;

  it('200: a component suspends and lets in again: named tokens work again, sign-ins do not', async () => {
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
    await s
      .as(service.token)
      .post(`/internal/v1/users/${other.uuid}/tokens`)
      .send({ label: '', form: 'hex', expires_at: null })
      .expect(409);
    await set(true, 2, other.uuid).expect(200);
  });
  it('200: what changes is told in its order, page after page', async () => {
    const read = async (query: object) =>
      (await s.as(service.token).get('/internal/v1/user-states').query(query).expect(200)).body.users;
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

describe("administrators are out of a component's reach", () => {
  const s = useService();
  const { user, admin, other } = people;
  const component = () => s.as(service.token);
  const works = async (token: string): Promise<boolean> =>
    (await s.as(token).get('/account/v1.0/authenticate')).status === 200;
  const raise = (uuid: string) =>
    s
      .as(admin.token)
      .post(`/identity/v2.0/users/${uuid}/action`)
      .send({ addGroup: { name: 'admin-api' } })
      .expect(200);
  const auditId = async (token: string): Promise<string> =>
    (await component().get('/identity/v3/auth/tokens?nocatalog').set('X-Subject-Token', token).expect(200)).body.token
      .audit_ids[0];
  const reason = (res: { status: number; body: { error?: { reason?: string } } }) => [
    res.status,
    res.body.error?.reason,
  ];
  const issue = (uuid: string) =>
    component()
      .post(`/internal/v1/users/${uuid}/tokens`)
      .send({ label: '', form: 'hex', expires_at: null })
      .expect(201);

  it('403: a user that it made and that became an administrator is neither deactivated nor deleted', async () => {
    const uuid = randomUUID();
    const wish = { email: 'made@example.com', first_name: 'A', last_name: 'B', password: PASSWORD };
    await component().put(`/internal/v1/users/${uuid}`).send(wish).expect(200);
    await component().post(`/internal/v1/users/${uuid}/activate`).expect(204);
    await raise(uuid);
    const state = await component().put(`/internal/v1/users/${uuid}/state`).send({ is_active: false, sequence: 9 });
    expect(reason(state)).toEqual([403, 'user.protected']);
    expect(reason(await component().delete(`/internal/v1/users/${uuid}`))).toEqual([403, 'user.protected']);
    await login(s, { email: wish.email }).expect(201);
    await s
      .as(admin.token)
      .post(`/identity/v2.0/users/${uuid}/action`)
      .send({ removeGroup: { name: 'admin-api' } })
      .expect(200);
    await component().delete(`/internal/v1/users/${uuid}`).expect(204);
  });
  it.each(['superuser', "member of an administrators' group"])(
    '403: the tokens of a %s that it did not make stay as they are',
    async (rank) => {
      const who = rank === 'superuser' ? admin : other;
      if (who === other) await raise(other.uuid);
      const signedIn = (await login(s, who).expect(201)).headers['x-subject-token'] as string;
      for (const token of [who.token, signedIn]) {
        const id = await auditId(token);
        expect(reason(await component().put(`/internal/v1/tokens/${id}/read-only`))).toEqual([403, 'user.protected']);
        expect(reason(await component().delete(`/internal/v1/tokens/${id}`))).toEqual([403, 'user.protected']);
        expect(reason(await component().delete(`/internal/v1/sessions/${id}`))).toEqual([403, 'user.protected']);
        expect(await works(token)).toBe(true);
        expect(
          (await s.rows<{ read_only: boolean }>('select read_only from token where audit_id = $1', [id]))[0]?.read_only,
        ).toBe(false);
      }
    },
  );
  it('204: it ends what it made for them, before and after they became that', async () => {
    const { body } = await issue(user.uuid);
    const mine = await auditId(user.token);
    const open = () =>
      component()
        .post(`/internal/v1/users/${user.uuid}/sessions`)
        .send({ password: PASSWORD, seconds: 60 })
        .expect(201);
    const before = (await open()).body.audit_id as string;
    await raise(user.uuid);
    const after = (await open()).body.audit_id as string;
    await component().put(`/internal/v1/tokens/${body.audit_id}/read-only`).expect(204);
    await component().delete(`/internal/v1/tokens/${body.audit_id}`).expect(204);
    expect(await works(body.token)).toBe(false);
    for (const id of [before, after]) {
      await component().delete(`/internal/v1/sessions/${id}`).expect(204);
      await component().get(`/internal/v1/sessions/${id}`).expect(404);
    }
    await component().delete(`/internal/v1/tokens/${mine}`).expect(403);
    await component().delete('/internal/v1/tokens/nobody').expect(204);
  });
});
