import { program } from '../../src/cli/program.js';
import type { Row } from '../../src/cli/output.js';
import { people, until, useService, type Instance } from '../support.js';

describe("the service catalog and the operator's commands", () => {
  const s = useService();
  let other: Instance;
  beforeAll(async () => {
    other = await s.replica();
  });
  const run = async (...args: string[]): Promise<readonly Row[]> => {
    let said: readonly Row[] = [];
    await program(
      async () => ({ ctx: s.ctx, close: async () => undefined }),
      (rows) => {
        said = rows;
      },
    )
      .exitOverride()
      .parseAsync(['node', 'nefos', ...args]);
    return said;
  };
  const catalogOf = async (one: Instance) =>
    (await one.api().post('/identity/v2.0/tokens').expect(200)).body.access.serviceCatalog as {
      name: string;
      type: string;
      endpoints: Record<string, string>[];
    }[];

  it('a registered service is in the next catalog here, soon in other processes; pairs as registered, addresses absolute', async () => {
    await catalogOf(other);
    const [component] = await run('component', 'create', 'cyclades', '--url', '/cyclades/ui');
    await run('service', 'register', 'cyclades_compute', '--type', 'compute', '--component', 'cyclades');
    await run(
      'endpoint',
      'add',
      'cyclades_compute',
      '--public-url',
      '/cyclades/compute/v2.0',
      '--version-id',
      'v2.0',
      '--data',
      'SNF:exposeVersion=yes',
      '--data',
      'bad key=1',
      '--data',
      'internalURL=/inner',
    );
    const wanted = {
      name: 'cyclades_compute',
      type: 'compute',
      endpoints_links: [],
      endpoints: [
        {
          versionId: 'v2.0',
          publicURL: 'http://gateway.test/cyclades/compute/v2.0',
          'SNF:exposeVersion': 'yes',
          'bad key': '1',
          internalURL: 'http://gateway.test/inner',
          'SNF:uiURL': 'http://gateway.test/cyclades/ui',
          region: 'default',
        },
      ],
    };
    expect((await catalogOf(s)).at(-1)).toEqual(wanted);
    await until(async () => (await catalogOf(other)).some((one) => one.name === 'cyclades_compute'), 2);
    const xml = (
      await s
        .api()
        .post('/identity/v2.0/tokens?format=xml')
        .buffer(true)
        .parse((r, done) => {
          let t = '';
          r.on('data', (d) => {
            t += String(d);
          });
          r.on('end', () => done(null, t));
        })
        .expect(200)
    ).body as string;
    expect(xml).toContain('SNF:exposeVersion="yes"');
    expect(xml).not.toContain('bad key');
    const services = (await s.api().get('/ui/get_services').expect(200)).body;
    expect(services.at(-1)).toMatchObject({
      id: String(component?.id),
      name: 'cyclades',
      verbose_name: 'Cyclades',
      order: 1000,
      cloudbar: { show: true },
    });
    // An own token: the component can validate, and is not a user.
    await s.as(String(component?.token)).post('/account/v1.0/service/user_catalogs').send({}).expect(200);
  });
  it('a second endpoint replaces the first; another component can not take the service', async () => {
    await run('endpoint', 'add', 'cyclades_compute', '--public-url', 'https://elsewhere.test/v2');
    expect(
      (await catalogOf(s)).find((one) => one.name === 'cyclades_compute')?.endpoints.map((e) => e.publicURL),
    ).toEqual(['https://elsewhere.test/v2']);
    await run('component', 'create', 'rival', '--url', '/', '--hidden');
    await expect(
      run('service', 'register', 'cyclades_compute', '--type', 'compute', '--component', 'rival'),
    ).rejects.toMatchObject({ code: 'service.foreign' });
    await expect(run('component', 'create', 'rival', '--url', '/')).rejects.toMatchObject({ code: 'component.taken' });
    await expect(run('endpoint', 'add', 'nothing', '--public-url', '/')).rejects.toMatchObject({
      code: 'service.absent',
    });
    expect((await s.api().get('/ui/get_services').expect(200)).body.map((c: { name: string }) => c.name)).not.toContain(
      'rival',
    );
  });
  it('users: created with a token that works, listed, given another token, renewed, deactivated', async () => {
    const [made] = await run(
      'user',
      'create',
      'ops@example.com',
      '--first-name',
      'Op',
      '--last-name',
      'Erator',
      '--group',
      'helpdesk',
    );
    expect((await s.as(String(made?.token)).get('/account/v1.0/authenticate').expect(200)).body.groups).toEqual([
      'default',
      'helpdesk',
    ]);
    expect((await run('user', 'list')).map((row) => row.username)).toEqual(
      expect.arrayContaining(['ops@example.com', people.user.email]),
    );
    const [second] = await run('user', 'token', 'ops@example.com');
    await s.as(String(second?.token)).get('/account/v1.0/authenticate').expect(200);
    const [third] = await run('user', 'token', String(made?.uuid), '--renew');
    await s.as(String(second?.token)).get('/account/v1.0/authenticate').expect(401);
    expect(await run('user', 'deactivate', 'ops@example.com', '--reason', 'left')).toEqual([
      { uuid: made?.uuid, username: 'ops@example.com', deactivated: true },
    ]);
    await s.as(String(third?.token)).get('/account/v1.0/authenticate').expect(401);
    await expect(run('user', 'token', 'nobody@example.com')).rejects.toMatchObject({ code: 'user.absent' });
  });
  it('rights of components: listed, shown without an option, given, taken only by --none', async () => {
    const [made] = await run('component', 'create', 'teller', '--url', '/t', '--right', 'events.send');
    expect(made?.token).toBeTruthy();
    const row = { name: 'teller', url: '/t', rights: 'events.send' };
    expect(await run('component', 'list')).toContainEqual(row);
    expect(await run('component', 'rights', 'teller')).toEqual([row]);
    expect(await run('component', 'list')).toContainEqual(row);
    const both = ['--right', 'users.manage', '--right', 'events.send'];
    expect(await run('component', 'rights', 'teller', ...both)).toEqual([
      { ...row, rights: 'users.manage events.send' },
    ]);
    await expect(run('component', 'rights', 'teller', '--none', ...both)).rejects.toMatchObject({
      code: 'component.rights_twice',
    });
    expect(await run('component', 'rights', 'teller', '--none')).toEqual([{ ...row, rights: '' }]);
    await expect(run('component', 'rights', 'nobody')).rejects.toMatchObject({ code: 'component.absent' });
  });
  it('no token for somebody inactive: it would work from the activation on', async () => {
    const [made] = await run('user', 'create', 'away@example.com', '--first-name', 'A', '--last-name', 'Way');
    await run('user', 'deactivate', 'away@example.com');
    for (const more of [[], ['--renew']])
      await expect(run('user', 'token', 'away@example.com', ...more)).rejects.toMatchObject({
        code: 'user.not_active',
      });
    const by = { renewToken: '' };
    await s
      .as(people.admin.token)
      .post(`/identity/v2.0/users/${String(made?.uuid)}/action`)
      .send(by)
      .expect(409);
    expect(await run('user', 'activate', 'away@example.com')).toEqual([
      { uuid: made?.uuid, username: 'away@example.com', activated: true },
    ]);
    const [token] = await run('user', 'token', 'away@example.com');
    await s.as(String(token?.token)).get('/account/v1.0/authenticate').expect(200);
  });
  it('terms stop everybody until they are signed', async () => {
    await run('terms', 'add', 'https://example.com/terms');
    expect(
      (await s.as(people.user.token).get('/account/v1.0/authenticate').expect(401)).body.unauthorized.message,
    ).toBe('Pending approval terms');
    await s.rows('delete from approval_terms');
  });
});
