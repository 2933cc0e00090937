import { randomBytes, randomUUID } from 'node:crypto';
import { loadPrincipals } from '../../src/accounts/domain/bootstrap.js';
import { login, people, PASSWORD, useService } from '../support.js';

describe('PATCH /identity/v3/users/{id}', () => {
  const s = useService();
  const path = (uuid: string): string => `/identity/v3/users/${uuid}`;
  const patch = (user: object, uuid = people.user.uuid, token = people.admin.token) =>
    s.api().patch(path(uuid)).set('X-Auth-Token', token).send({ user });
  const shown = async (uuid = people.user.uuid) =>
    (await s.as(people.admin.token).get(path(uuid)).expect(200)).body.user;

  it('200: enabled false ends sign-ins and tokens at once, true allows to sign in; repeating changes nothing', async () => {
    const { headers } = await login(s, people.user).expect(201);
    expect((await patch({ enabled: false }).expect(200)).body.user).toMatchObject({
      id: people.user.uuid,
      enabled: false,
    });
    await s.as(String(headers['x-subject-token'])).get('/account/v1.0/authenticate').expect(401);
    await s.as(people.user.token).get('/account/v1.0/authenticate').expect(401);
    await login(s, people.user).expect(401);
    expect((await patch({ enabled: false }).expect(200)).body.user.enabled).toBe(false);
    expect((await patch({ enabled: true }).expect(200)).body.user.enabled).toBe(true);
    await login(s, people.user).expect(201);
    await s.as(people.user.token).get('/account/v1.0/authenticate').expect(401);
  });
  it.each(['name', 'email'])('200: %s is the address by which the user signs in, in any case', async (key) => {
    const address = `New.${key}@Example.com`;
    expect((await patch({ [key]: address, enabled: true }, people.other.uuid).expect(200)).body.user).toMatchObject({
      name: address.toLowerCase(),
      email: address.toLowerCase(),
    });
    expect(await shown(people.other.uuid)).toMatchObject({ name: address.toLowerCase() });
    await login(s, { email: address }).expect(201);
    await patch({ [key]: people.other.email }, people.other.uuid).expect(200);
  });
  it('200: a new password is the only one that is right, and ends the tokens', async () => {
    const token = (await login(s, people.other).expect(201)).headers['x-subject-token'] as string;
    await patch({ password: 'another right long password' }, people.other.uuid).expect(200);
    await s.as(token).get('/account/v1.0/authenticate').expect(401);
    await login(s, people.other).expect(401);
    await login(s, people.other, undefined, 'another right long password').expect(201);
    await patch({ password: PASSWORD }, people.other.uuid).expect(200);
  });
  it('200: what is said to be as it is', async () => {
    const same = { description: '', domain_id: 'default', options: {}, default_project_id: people.user.uuid };
    expect((await patch(same).expect(200)).body.user).toEqual(await shown());
    await patch({}).expect(200);
  });
  it.each<[string, object]>([
    ['a description', { description: 'tall' }],
    ['another domain', { domain_id: 'other' }],
    ['options', { options: { ignore_password_expiry: true } }],
    ['what Keystone does not know either', { shoe_size: 44 }],
    ['is_admin', { is_admin: true }],
    ['no e-mail address', { name: 'user' }],
    ['two addresses', { name: 'a@example.com', email: 'b@example.com' }],
    ['a short password', { password: 'short' }],
    ['a state that is none', { enabled: 'false' }],
    ['no default project', { default_project_id: null }],
  ])('400: %s; nothing is changed, nor what else was asked', async (_what, user) => {
    const before = await shown();
    await patch({ enabled: false, ...user }).expect(400);
    expect(await shown()).toEqual(before);
  });
  it('409: an address that is in use; 404: the project of another, an unknown user; nothing else is changed', async () => {
    const before = await shown();
    await patch({ enabled: false, email: people.other.email }).expect(409);
    await patch({ enabled: false, default_project_id: people.other.uuid }).expect(404);
    expect(await shown()).toEqual(before);
    await patch({ enabled: false }, '00000000-0000-4000-8000-000000000000').expect(404);
    await patch({ enabled: false }, 'nobody').expect(404);
  });
  it('409: whoever was rejected is not enabled by this', async () => {
    await s.rows('update account set is_active = false, is_rejected = true where uuid = $1', [people.other.uuid]);
    s.ctx.tokens.forget('all');
    await patch({ enabled: true }, people.other.uuid).expect(409);
    await s.rows('update account set is_active = true, is_rejected = false where uuid = $1', [people.other.uuid]);
    s.ctx.tokens.forget('all');
  });
  it('403: staff change nobody of their own rank or above, in nothing', async () => {
    const [staff, peer] = [1, 2].map((n) => ({
      uuid: randomUUID(),
      email: `staff${n}@example.com`,
      token: randomBytes(32).toString('base64url'),
    }));
    const users = [staff, peer].map((one) => ({
      uuid: one!.uuid,
      email: one!.email,
      first_name: 'A',
      last_name: 'B',
      password: PASSWORD,
      superuser: false,
      groups: ['admin-api'],
      tokens: [one!.token],
    }));
    await loadPrincipals(s.ctx, { users, components: [] });
    for (const above of [people.admin.uuid, peer!.uuid])
      for (const user of [{ password: 'a stolen long password' }, { enabled: false }, { email: 'stolen@example.com' }])
        await patch(user, above, staff!.token).expect(403);
    await login(s, people.admin).expect(201);
    expect((await patch({ enabled: true }, people.other.uuid, staff!.token).expect(200)).body.user.enabled).toBe(true);
  });
  it('403: a user, oneself included, and a restricted credential of an administrator', async () => {
    const token = (await login(s, people.user).expect(201)).headers['x-subject-token'] as string;
    await patch({ enabled: true }, people.user.uuid, token).expect(403);
    await patch({ enabled: false }, people.other.uuid, token).expect(403);
    const own = `${path(people.admin.uuid)}/application_credentials`;
    const made = (
      await s
        .as(people.admin.token)
        .post(own)
        .send({ application_credential: { name: 'restricted' } })
        .expect(201)
    ).body.application_credential;
    const { headers } = await s
      .api()
      .post('/identity/v3/auth/tokens')
      .send({
        auth: {
          identity: {
            methods: ['application_credential'],
            application_credential: { id: made.id, secret: made.secret },
          },
        },
      })
      .expect(201);
    await patch({ enabled: false }, people.user.uuid, headers['x-subject-token'] as string).expect(403);
  });
});

describe('what else v3 accepts is done, and refused where it is not known', () => {
  const s = useService();
  const auth = (scope: object) => login(s, people.admin, scope);
  it.each<[string, object]>([
    ['two scopes', { project: { id: people.admin.uuid }, system: { all: true } }],
    ['a trust', { 'OS-TRUST:trust': { id: 'x' } }],
    ['a project and none', { project: { id: people.admin.uuid }, unscoped: {} }],
  ])('400: %s', async (_what, scope) => {
    await auth(scope).expect(400);
  });
  it('400: an application credential for another project than that of the token, or with unknown fields', async () => {
    const make = (more: object) =>
      s
        .as(people.user.token)
        .post(`/identity/v3/users/${people.user.uuid}/application_credentials`)
        .send({ application_credential: { name: 'x', ...more } });
    await make({ project_id: people.other.uuid }).expect(400);
    await make({ expires: '2099-01-01T00:00:00' }).expect(400);
    await make({}).expect(201);
  });
});
