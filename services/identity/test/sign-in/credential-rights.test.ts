import { login, people, useService } from '../support.js';

const { admin, user, other } = people;
const READER = [{ id: 'reader', name: 'reader' }];

describe('what an application credential was given, and nothing else', () => {
  const s = useService();
  const path = `/identity/v3/users/${admin.uuid}/application_credentials`;
  let signedIn: string;
  let serial = 0;
  const ask = (wish: object) =>
    s
      .as(signedIn)
      .post(path)
      .send({ application_credential: { name: `c${(serial += 1)}`, ...wish } });
  const used = async (wish: object): Promise<string> => {
    const { id, secret } = (await ask(wish).expect(201)).body.application_credential;
    const auth = { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
    return (await s.api().post('/identity/v3/auth/tokens').send({ auth }).expect(201)).headers[
      'x-subject-token'
    ] as string;
  };
  beforeAll(async () => {
    signedIn = (await login(s, admin).expect(201)).headers['x-subject-token'] as string;
    await s
      .as(admin.token)
      .post(`/identity/v2.0/users/${admin.uuid}/action`)
      .send({ addGroup: { name: 'helpdesk' } })
      .expect(200);
  });

  it("its rights are those in every answer that shows a token's", async () => {
    for (const [roles, groups] of [
      [['reader'], []],
      [['reader', 'helpdesk'], []], // it may only read
      [['member', 'helpdesk'], ['helpdesk']],
      [['member', 'default'], ['default']],
    ] as [string[], string[]][]) {
      const token = await used({ roles: roles.map((name) => ({ name })) });
      const { groups: shown } = (await s.as(token).get('/account/v1.0/authenticate').expect(200)).body;
      expect(shown).toEqual(groups);
      expect((await s.as(token).get('/ui/authenticate?usage=1').expect(200)).body.groups).toEqual(groups);
      const names = (body: { access: { user: { roles: { name: string }[] } } }) =>
        body.access.user.roles.map((r) => r.name);
      expect(
        names(
          (
            await s
              .api()
              .post('/identity/v2.0/tokens')
              .send({ auth: { token: { id: token } } })
              .expect(200)
          ).body,
        ),
      ).toEqual(groups);
      const pair = { auth: { passwordCredentials: { username: admin.uuid, password: token } } };
      expect(names((await s.api().post('/identity/v2.0/tokens').send(pair).expect(200)).body)).toEqual(groups);
      for (const as of [token, admin.token]) {
        expect(names((await s.as(as).get(`/identity/v2.0/tokens/${token}`).expect(200)).body)).toEqual(groups);
        expect(
          names((await s.as(as).get(`/identity/v2.0/tokens/${token}?belongsTo=${admin.uuid}`).expect(200)).body),
        ).toEqual(groups);
        const xml = await s.as(as).get(`/identity/v2.0/tokens/${token}`).set('Accept', 'application/xml').expect(200);
        expect([...String(xml.text).matchAll(/<role [^>]*name="([^"]*)"/g)].map((m) => m[1])).toEqual(groups);
      }
      const v3 = (await s.as(token).get('/identity/v3/auth/tokens').set('X-Subject-Token', token).expect(200)).body
        .token;
      expect(v3.roles.map((r: { name: string }) => r.name)).toEqual(roles.includes('member') ? roles : ['reader']);
      // What it is exchanged for has no more.
      const auth = { identity: { methods: ['token'], token: { id: token } } };
      const child = await s.api().post('/identity/v3/auth/tokens').send({ auth });
      if (child.status === 201) expect(child.body.token.roles).toEqual(v3.roles);
      else expect(child.status).toBe(403); // it may only read, and makes nothing
    }
  });
  it("an administrator's credential without that role is refused at every endpoint for administrators", async () => {
    for (const roles of [['reader'], ['member'], ['reader', 'member', 'helpdesk']]) {
      const token = await used({ roles: roles.map((name) => ({ name })) });
      for (const to of [
        '/identity/v2.0/users',
        '/identity/v2.0/users/detail',
        `/identity/v2.0/users/${user.uuid}`,
        `/identity/v2.0/users/${user.uuid}/roles`,
        '/identity/v2.0/OS-KSADM/roles',
        '/identity/v2.0/OS-KSADM/services',
        '/identity/v2.0/endpoints',
        `/identity/v2.0/tenants?name=system:${user.uuid}`,
        '/identity/v3/users',
        `/identity/v3/users/${user.uuid}`,
        `/identity/v3/users/${user.uuid}/projects`,
        `/identity/v3/users/${user.uuid}/application_credentials`,
        '/identity/v3/role_assignments',
      ])
        expect([to, (await s.as(token).get(to)).status]).toEqual([to, 403]);
      await s.as(token).get(`/identity/v2.0/tokens/${user.token}`).expect(404);
      await s.as(token).get('/identity/v3/auth/tokens').set('X-Subject-Token', user.token).expect(404);
      for (const to of [`/identity/v2.0/tokens/${user.token}`])
        expect([403, 404]).toContain((await s.as(token).delete(to)).status);
      expect([403, 404]).toContain(
        (await s.as(token).delete('/identity/v3/auth/tokens').set('X-Subject-Token', user.token)).status,
      );
      await s
        .as(token)
        .put(`/identity/v2.0/users/${user.uuid}`)
        .send({ user: { first_name: 'X' } })
        .expect(403);
      await s.as(user.token).get('/account/v1.0/authenticate').expect(200);
    }
  });
  it('domain and system are listed only for tokens that can be scoped to them: with no credential', async () => {
    const listed = async (token: string) => [
      (await s.as(token).get('/identity/v3/auth/domains').expect(200)).body.domains.map((d: { id: string }) => d.id),
      (await s.as(token).get('/identity/v3/auth/system').expect(200)).body.system,
    ];
    expect(await listed(signedIn)).toEqual([['default'], [{ all: true }]]);
    for (const roles of [['reader'], ['member'], []]) {
      const { id, secret } = (await ask({ roles: roles.map((name) => ({ name })) }).expect(201)).body
        .application_credential;
      const identity = { methods: ['application_credential'], application_credential: { id, secret } };
      for (const scope of [{ system: { all: true } }, { domain: { id: 'default' } }])
        await s.api().post('/identity/v3/auth/tokens').send({ auth: { identity, scope } }).expect(401);
      const res = await s.api().post('/identity/v3/auth/tokens').send({ auth: { identity } }).expect(201);
      expect(await listed(res.headers['x-subject-token'] as string)).toEqual([[], []]);
    }
  });
  it('201: an empty list of roles means all of them, as none does', async () => {
    const all = (await ask({}).expect(201)).body.application_credential.roles;
    expect(all.length).toBeGreaterThan(3);
    expect((await ask({ roles: [] }).expect(201)).body.application_credential.roles).toEqual(all);
    const token = await used({ roles: [] });
    await s.as(token).get('/identity/v3/users').expect(200);
    expect(
      (await ask({ roles: [{ name: 'reader' }, { id: 'reader' }] }).expect(201)).body.application_credential.roles,
    ).toEqual(READER);
  });
  it.each([
    '2027-02-30T00:00:00Z',
    '2027-02-29T00:00:00Z',
    '2027-13-01T00:00:00Z',
    '2027-04-31T12:00:00+02:00',
    '2027-01-01T24:00:00Z',
    '2027-01-01T23:60:00Z',
    '2020-01-01T00:00:00Z',
    '2027-01-01',
    '',
    ' ',
    'never',
    '0',
    'null',
  ])('400: an end that is no instant of the future makes no credential: %j', async (text) => {
    const before = await s.rows('select id from application_credential');
    await ask({ expires_at: text }).expect(400);
    expect(await s.rows('select id from application_credential')).toEqual(before);
  });
  it.each([0, false, [], {}])('400: an end that is no text: %j', (value) => ask({ expires_at: value }).expect(400));
  it.each(['2027-02-30T00:00:00Z', ''])(
    '400: the same of the other ends that somebody may ask for: %j',
    async (text) => {
      await s
        .as(other.token)
        .post('/account/v1.0/projects')
        .send({ name: 'a.example.org', end_date: text })
        .expect(400);
    },
  );
});
