import { login, people, service, useService } from '../support.js';

const ENDLESS = '9999-12-31T23:59:59.000000Z';
describe('what original clients stumbled over', () => {
  const s = useService();
  const user = () => s.as(people.user.token);

  it("gophercloud: an application credential's expires_at has no zone; the end of its token has one", async () => {
    const path = `/identity/v3/users/${people.user.uuid}/application_credentials`;
    const wish = { name: 'go', expires_at: '2037-01-01T00:00:00Z' };
    const made = (await user().post(path).send({ application_credential: wish }).expect(201)).body
      .application_credential;
    const [listed] = (await user().get(path).expect(200)).body.application_credentials;
    const one = (await user().get(`${path}/${made.id}`).expect(200)).body.application_credential;
    for (const shown of [made, listed, one]) expect(shown.expires_at).toBe('2037-01-01T00:00:00.000000');
    const again = (
      await user()
        .post(path)
        .send({ application_credential: { name: 'again', expires_at: made.expires_at } })
        .expect(201)
    ).body;
    expect(again.application_credential.expires_at).toBe(made.expires_at);
    const { body } = await s
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
    expect(body.token.expires_at).toMatch(/Z$/);
  });
  it("today's openstack command says null for what it does not say of an application credential", async () => {
    const wish = {
      name: 'nulls',
      description: null,
      secret: null,
      roles: [],
      expires_at: null,
      unrestricted: false,
      access_rules: [],
    };
    const create = (more: object) =>
      user()
        .post(`/identity/v3/users/${people.user.uuid}/application_credentials`)
        .send({ application_credential: { ...wish, ...more } });
    expect((await create({}).expect(201)).body.application_credential).toMatchObject({
      secret: expect.stringMatching(/^ac_/),
      expires_at: null,
    });
    await create({ name: 'more nulls', roles: null, unrestricted: null, access_rules: null }).expect(201);
    await create({ name: 'short', secret: 'short' }).expect(400);
  });
  it('keystonemiddleware: a token without an end shows the same instant in v3 and v2; users of components too', async () => {
    const show = async (subject: string) =>
      (await s.as(service.token).get('/identity/v3/auth/tokens?nocatalog').set('X-Subject-Token', subject).expect(200))
        .body.token.expires_at;
    expect(await show(people.user.token)).toBe(ENDLESS);
    expect(await show(service.token)).toBe(ENDLESS);
    const v2 = (
      await s
        .api()
        .post('/identity/v2.0/tokens')
        .send({ auth: { token: { id: people.user.token } } })
        .expect(200)
    ).body.access.token.expires;
    expect(Date.parse(v2)).toBe(Date.parse(ENDLESS));
  });
  it('keystonemiddleware: identity has internal and admin addresses in every catalog, also when moved', async () => {
    const check = async (root: string) => {
      const v3 = (
        (await login(s, people.user).expect(201)).body.token.catalog as {
          type: string;
          endpoints: { id: string; interface: string; url: string }[];
        }[]
      ).find((one) => one.type === 'identity');
      expect(v3?.endpoints.map((e) => [e.interface, e.url])).toEqual(
        ['public', 'internal', 'admin'].map((face) => [face, root]),
      );
      expect(new Set(v3?.endpoints.map((e) => e.id)).size).toBe(3);
      const { serviceCatalog } = (await s.api().post('/identity/v2.0/tokens').expect(200)).body.access as {
        serviceCatalog: { type: string; endpoints: Record<string, string>[] }[];
      };
      expect(serviceCatalog.find((one) => one.type === 'identity')?.endpoints).toMatchObject([
        { publicURL: `${root}/v2.0`, internalURL: `${root}/v2.0`, adminURL: `${root}/v2.0` },
      ]);
    };
    await check('http://gateway.test/identity');
    await s.rows(
      `update endpoint_data set value = 'https://id.example/identity/v2.0' where key = 'publicURL'
      and endpoint_id in (select e.id from endpoint e join service s on s.id = e.service_id where s.type = 'identity')`,
    );
    s.ctx.directory.forget();
    await check('https://id.example/identity');
  });
  it('an internal address that is registered stays', async () => {
    const [own] = await s.rows<{ id: number }>(
      "select e.id from endpoint e join service s on s.id = e.service_id where s.type = 'identity'",
    );
    await s.rows(
      `insert into endpoint_data (endpoint_id, key, value, position)
       values ($1, 'internalURL', 'http://inner.example/identity/v2.0', 9)`,
      [own?.id],
    );
    s.ctx.directory.forget();
    const { catalog } = (await login(s, people.user).expect(201)).body.token as {
      catalog: { type: string; endpoints: { interface: string; url: string }[] }[];
    };
    expect(catalog.find((one) => one.type === 'identity')?.endpoints.find((e) => e.interface === 'internal')?.url).toBe(
      'http://inner.example/identity',
    );
  });

  it("404: another's project is no default project, by PATCH and by the administrator's recorded action", async () => {
    const { user, admin } = people;
    await s
      .as(admin.token)
      .patch(`/identity/v3/users/${user.uuid}`)
      .send({ user: { default_project_id: admin.uuid } })
      .expect(404);
    const act = (project_id: unknown) =>
      s.as(admin.token).post(`/identity/v2.0/users/${user.uuid}/action`).send({ setDefaultProject: { project_id } });
    await act(admin.uuid).expect(404);
    await act(user.uuid).expect(200);
    const [event] = await s.rows('select action, target, detail from audit_event order by id desc limit 1');
    expect(event).toEqual({ action: 'user.default_project', target: user.uuid, detail: { project: user.uuid } });
  });
  describe('kamaki and burnin: POST /account/v1.0/myaccount/default_project', () => {
    const choose = (body: object, token = people.user.token) =>
      s.as(token).post('/account/v1.0/myaccount/default_project').send(body);
    it('200 without a body: the own project', async () => {
      const { text } = await choose({ project_id: people.user.uuid }).expect(200);
      expect(text).toBe('');
      expect(
        (await s.as(people.user.token).get(`/identity/v3/users/${people.user.uuid}`).expect(200)).body.user
          .default_project_id,
      ).toBe(people.user.uuid);
    });
    it('403: none named; 404: one that is unknown, or of others; 400: no text', async () => {
      for (const body of [{}, { project_id: null }]) await choose(body).expect(403);
      for (const project_id of ['nothing', '', people.other.uuid, '00000000-0000-4000-8000-000000000000'])
        await choose({ project_id }).expect(404);
      await choose({ project_id: 7 }).expect(400);
      await choose({ project: people.user.uuid }).expect(400);
    });
    it('404: a project only applied for; 403: the own one while it is suspended; 409: when it is over', async () => {
      const made = (
        await user()
          .post('/account/v1.0/projects')
          .send({ name: 'a.example.org', end_date: '2099-01-01T00:00:00Z' })
          .expect(201)
      ).body.id;
      await choose({ project_id: made }).expect(404);
      for (const [state, status] of [
        ['suspended', 403],
        ['terminated', 409],
        ['deleted', 409],
        ['active', 200],
      ] as const) {
        await s.rows('update project set state = $2 where uuid = $1', [people.user.uuid, state]);
        await choose({ project_id: people.user.uuid }).expect(status);
      }
    });
    it('401 without a token; 403 with a read-only one or one of a restricted credential; 405 for GET', async () => {
      await s.api().post('/account/v1.0/myaccount/default_project').send({ project_id: people.user.uuid }).expect(401);
      const issued = await s
        .as(service.token)
        .post(`/internal/v1/users/${people.user.uuid}/tokens`)
        .send({ label: 'x', form: 'hex', expires_at: null, read_only: true })
        .expect(201);
      await choose({ project_id: people.user.uuid }, issued.body.token).expect(403);
      await user().get('/account/v1.0/myaccount/default_project').expect(405);
    });
  });
});
