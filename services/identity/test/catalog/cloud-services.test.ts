import { sql } from '@nefos/service-kit';
import { registerCloudServices } from '../../src/catalog/domain/own-services.js';
import { CLOUD_SERVICES } from '../../src/catalog/domain/own-names.js';
import { loadCloudServices } from '../../src/accounts/domain/cloud-services.js';
import { login, people, useService } from '../support.js';

interface Shown {
  name: string;
  type: string;
  endpoints: Record<string, string>[];
}
const OWN = ['astakos_account', 'astakos_identity', 'astakos_weblogin', 'astakos_oauth2'];
const CLOUD = ['nova', 'glance', 'neutron', 'cinderv3', 'nefos_metering', 'ironic', 'ironic-inspector'];
const GUIDE = ['cyclades_compute', 'cyclades_vmapi', 'cyclades_plankton', 'pithos_public', 'pithos_object-store'];
const names = (catalog: Shown[]) => catalog.map(({ name }) => name).sort();

describe('what Nefos serves is in the catalog', () => {
  const s = useService();
  beforeAll(() => loadCloudServices(s.ctx));
  const publicly = async () => (await s.api().post('/identity/v2.0/tokens')).body.access.serviceCatalog as Shown[];

  it('200: one service per type, with three interfaces', async () => {
    const { body } = await login(s, people.user, { project: { id: people.user.uuid } }).expect(201);
    const catalog = body.token.catalog as Shown[];
    expect(names(catalog)).toEqual([...OWN, ...CLOUD].sort());
    expect(new Set(catalog.map(({ type }) => type)).size).toBe(catalog.length);
    const { endpoints } = catalog.find(({ type }) => type === 'compute') as Shown;
    expect(endpoints.map(({ interface: name, url }) => [name, url])).toEqual([
      ['public', 'http://gateway.test/compute/v2.1'],
      ['internal', 'http://gateway.test/compute/v2.1'],
      ['admin', 'http://gateway.test/compute/v2.1'],
    ]);
  });
  it('200: everybody is shown the same, as there is no other catalog', async () => {
    expect(names(await publicly())).toEqual([...OWN, ...CLOUD].sort());
  });
  it('what an operator removes is not registered again', async () => {
    await sql(s.db, `delete from service where name = 'cinderv3'`);
    await loadCloudServices(s.ctx);
    s.ctx.directory.forget();
    expect(names(await publicly())).not.toContain('cinderv3');
  });
  it('an installation that is older than bare metal gets its services, and none that the operator removed', async () => {
    await sql(s.db, `delete from service where name in ('ironic', 'ironic-inspector')`);
    await sql(s.db, `delete from loaded_fixture where name = 'catalog:baremetal'`);
    await loadCloudServices(s.ctx);
    s.ctx.directory.forget();
    expect(names(await publicly())).toEqual([...OWN, ...CLOUD].filter((name) => name !== 'cinderv3').sort());
  });
  it("a type that has an operator's service keeps it alone", async () => {
    await sql(s.db, `update service set name = 'own_nova' where name = 'nova'`);
    await s.db.transaction((tx) => registerCloudServices(tx, CLOUD_SERVICES, () => undefined));
    s.ctx.directory.forget();
    const catalog = await publicly();
    expect(catalog.filter(({ type }) => type === 'compute').map(({ name }) => name)).toEqual(['own_nova']);
    // One that is missing comes back, which shows that the call did something.
    expect(names(catalog)).toContain('cinderv3');
  });
});

describe("the demo's two catalogs", () => {
  const s = useService({ fixture: true });
  beforeAll(() => loadCloudServices(s.ctx));

  it('200: a person of the guide sees the catalog that the guide prints', async () => {
    const { body } = await login(s, people.user, { project: { id: people.user.uuid } }).expect(201);
    expect(names(body.token.catalog as Shown[])).toEqual([...OWN, ...GUIDE].sort());
    const v2 = await s.api().post('/identity/v2.0/tokens').expect(200);
    expect(names(v2.body.access.serviceCatalog as Shown[])).toEqual([...OWN, ...GUIDE].sort());
  });
  it('200: everybody else sees what is served, and nothing that nobody serves', async () => {
    const { body, headers } = await login(s, people.admin, { project: { id: people.admin.uuid } }).expect(201);
    expect(names(body.token.catalog as Shown[])).toEqual([...OWN, ...CLOUD].sort());
    const as = s.as(headers['x-subject-token'] as string);
    const { catalog } = (await as.get('/identity/v3/auth/catalog').expect(200)).body as { catalog: Shown[] };
    expect(names(catalog)).toEqual([...OWN, ...CLOUD].sort());
    const { services } = (await as.get('/identity/v3/services').expect(200)).body as { services: Shown[] };
    expect(names(services)).toEqual([...OWN, ...CLOUD].sort());
    const token = { auth: { token: { id: headers['x-subject-token'] } } };
    const v2 = await s.api().post('/identity/v2.0/tokens').send(token).expect(200);
    expect(names(v2.body.access.serviceCatalog as Shown[])).toEqual([...OWN, ...CLOUD].sort());
  });
});
