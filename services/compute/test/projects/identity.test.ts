import { openDatabase, sql } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { migrations } from '../../src/migrations/index.js';
import { log, useService } from '../support.js';

const uuidOf = (id: string): string => id.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

describe('identity knows the projects of clients', () => {
  const service = useService();
  const projectOf = async (client: number): Promise<{ id: string; service: number }> => {
    const [found] = await sql<{ id: string; service: number }>(
      service.db,
      `select p.id, s.id service from project p join service s on s.id = p.service_id where s.client_id = $1`,
      [client],
    );
    return found as { id: string; service: number };
  };
  const atIdentity = async (id: string) => {
    await service.work();
    return service.identity.projects.get(uuidOf(id));
  };
  const loseJobs = () => sql(service.db, 'delete from graphile_worker._private_jobs');
  const rename = (client: number, name: string) =>
    service.staff.patch(`/staffapi/clients/${client}`, { first_name: name }).expect(200);

  it("200: the client's name, its users, and whether the project is disabled", async () => {
    const client = await service.seedClient();
    const { id } = await projectOf(client);
    const [one, two] = [
      await service.seedUser({ username: 'one', clients: [client] }),
      await service.seedUser({ username: 'two' }),
    ];
    await rename(client, 'Anne');
    expect(await atIdentity(id)).toEqual({
      name: `Anne Doe (${client})`,
      description: 'project',
      enabled: true,
      members: [one.uuid],
    });
    await service.staff.patch(`/staffapi/users/${two.id}`, { clients: [client] }).expect(200);
    expect((await atIdentity(id))?.members).toEqual([one.uuid, two.uuid]);
    await service.staff.patch(`/staffapi/users/${one.id}`, { clients: [] }).expect(200);
    expect((await atIdentity(id))?.members).toEqual([two.uuid]);
    await service.staff.delete(`/staffapi/users/${two.id}`).expect(204);
    expect((await atIdentity(id))?.members).toEqual([]);
    await service.staff.patch(`/staffapi/openstack/projects/${id}`, { disabled: true }).expect(200);
    expect((await atIdentity(id))?.enabled).toBe(false);
  });
  it('200: a suspended client keeps its project, since it may read; what ends with the service or the client ends', async () => {
    const [suspended, terminated, deleted] = [
      await service.seedClient(),
      await service.seedClient(),
      await service.seedClient(),
    ];
    const of = { kept: await projectOf(suspended), ended: await projectOf(terminated), gone: await projectOf(deleted) };
    for (const client of [suspended, terminated, deleted]) await rename(client, 'Ben');
    expect((await atIdentity(of.gone.id))?.enabled).toBe(true);
    await service.staff.post(`/staffapi/billing/services/${of.kept.service}/suspend`).expect(200);
    await service.staff.post(`/staffapi/billing/services/${of.ended.service}/terminate`).expect(200);
    await service.staff.delete(`/staffapi/clients/${deleted}?delete_cloud_resources=1`).expect(204);
    await service.work();
    expect((await atIdentity(of.kept.id))?.enabled).toBe(true);
    expect(await atIdentity(of.ended.id)).toBeNull();
    expect(await sql(service.db, 'select 1 from client where id = $1', [deleted])).toEqual([]);
    expect(await atIdentity(of.gone.id)).toBeNull();
  });
  it('200: changes of one project are one job, and a job that is lost is found by the sweep', async () => {
    const client = await service.seedClient();
    const { id } = await projectOf(client);
    await service.work();
    for (const name of ['Cleo', 'Cora']) await rename(client, name);
    expect(
      await sql(service.db, "select key from graphile_worker.jobs where task_identifier = 'project.sync'"),
    ).toEqual([{ key: `project.sync:${id}` }]);
    await loseJobs();
    expect(await atIdentity(id)).toBeUndefined();
    expect(await service.sweep('projects.untold')).toBe(1);
    expect((await atIdentity(id))?.name).toBe(`Cora Doe (${client})`);
    expect(await service.sweep('projects.untold')).toBe(0);
  });
  it('200: identity is down, or the process dies after identity was told: told again, once it is known', async () => {
    const client = await service.seedClient();
    const { id } = await projectOf(client);
    const told = service.identity.putProject;
    // What dies after the call looks like a call that was made and not answered.
    service.identity.putProject = async (uuid, project) => {
      await told(uuid, project);
      throw new Error('died');
    };
    try {
      await rename(client, 'Dora');
      expect((await atIdentity(id))?.name).toBe(`Dora Doe (${client})`);
    } finally {
      service.identity.putProject = told;
    }
    await loseJobs();
    expect(await service.sweep('projects.untold')).toBe(1);
    expect((await atIdentity(id))?.name).toBe(`Dora Doe (${client})`);
    service.identity.down = true;
    await sql(service.db, 'update client set first_name = $2 where id = $1', [client, 'Dina']);
    await rename(client, 'Dana');
    await service.work();
    service.identity.down = false;
    expect(service.identity.projects.get(uuidOf(id))?.name).toBe(`Dora Doe (${client})`);
    await sql(service.db, 'select graphile_worker.reschedule_jobs(array(select id from graphile_worker.jobs), now())');
    expect((await atIdentity(id))?.name).toBe(`Dana Doe (${client})`);
  });
  it('200: a new service makes its project known at once', async () => {
    const client = await service.seedClient({ service: false });
    const { body } = await service.staff
      .get(`/staffapi/openstack/billing/services/new_service_data?client_id=${client}`)
      .expect(200);
    expect(body).toBeDefined();
    const [offer] = await sql<{ product: number; cycle: number }>(
      service.db,
      `select p.id product, c.id cycle from product p join product_cycle c on c.product_id = p.id and c.currency = 'EUR'
      where p.code = 'openstack'`,
    );
    await service.staff
      .post('/staffapi/openstack/billing/services/create_openstack_service', {
        client_id: client,
        product_id: offer?.product,
        product_cycle_id: offer?.cycle,
      })
      .expect(201);
    expect((await atIdentity((await projectOf(client)).id))?.name).toBe(`Jane Doe (${client})`);
  });
});

it('projects that were there before the upgrade are told by the sweep', async () => {
  const { url, drop } = await cloneDatabase({ name: 'compute', migrations, log });
  const db = await openDatabase({ url, migrations, applicationName: 'test', log });
  try {
    const isThere = async (): Promise<boolean> =>
      (await db.pool.query(`select 1 from pg_tables where tablename = 'project_sync'`)).rowCount === 1;
    while (await isThere()) await db.source.undoLastMigration();
    await db.pool.query(`insert into client (id, first_name, last_name, email, address1, city, country, zip_code, phone,
        currency, configuration_id)
      select 100001, 'A', 'B', 'x@example.com', '1', 'C', 'US', '1', '1', 'EUR', id from configuration where is_default`);
    await db.pool.query(`with s as (
        insert into service (client_id, product_id, product_cycle_id, product_type, display_name, status)
        select 100001, p.id, c.id, p.product_type, p.name, x.status
        from product p join product_cycle c on c.product_id = p.id and c.currency = 'EUR',
          (values ('active'), ('terminated')) x (status)
        where p.code = 'openstack' returning id)
      insert into project (id, service_id, name) select md5(id::text), id, 'project' from s`);
    await db.source.runMigrations();
    const untold = await db.pool.query(
      `select s.status from project_sync y join project p on p.id = y.project_id join service s on s.id = p.service_id
      where y.sequence > y.told_sequence`,
    );
    expect(untold.rows).toEqual([{ status: 'active' }]);
  } finally {
    await db.close();
    await drop();
  }
});
