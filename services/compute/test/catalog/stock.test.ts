import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { createDrivers } from '../../src/ports/drivers.js';
import { createBody, FLAVOR, STAFF, USER, useCloud } from '../cloud-support.js';

const HYPERVISORS = '/staffapi/openstack/hypervisors';
const FLAVORS = '/openstack/flavors';

describe('hosts and the room that they have', () => {
  const cloud = useCloud();
  const { service } = cloud;
  beforeAll(() => {
    service.ctx.drivers = createDrivers(service.db, {
      ...service.ctx.config,
      NEFOS_COMPUTE_SIM_HOST_MEMORY_MB: 512,
      NEFOS_COMPUTE_SIM_HOSTS: ['one', 'two'],
    });
  });
  /** As if the last round were a while ago. */
  const sweep = async (): Promise<unknown> => {
    await sql(service.db, `update region_stock set checked_at = checked_at - interval '6 s'`);
    return service.sweep('catalog.stock');
  };
  const hosts = async (query = '') =>
    (await service.staff.get(`${HYPERVISORS}${query}`).expect(200)).body as {
      totalCount: number;
      next: string | null;
      objects: Record<string, unknown>[];
    };
  const outOfStock = async (): Promise<unknown> =>
    (await service.user.get(`/api${FLAVORS}/${FLAVOR}`).expect(200)).body.out_of_stock;

  it('200: nothing is known before the first round, everything after it', async () => {
    expect((await hosts()).objects).toEqual([]);
    expect(await service.sweep('catalog.stock')).toEqual({ refreshed: 1, silent: 0 });
    const { objects } = await hosts();
    expect(objects).toEqual(
      ['Region1-one', 'Region1-two'].map((name) => ({
        id: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/),
        host_name: name,
        type: 'sim',
        status: 'enabled',
        state: 'up',
        vcpus: 1024,
        vcpus_used: 0,
        memory_mb: 512,
        memory_mb_used: 0,
        local_gb: 1_000_000,
        local_gb_used: 0,
        running_vms: 0,
        region: 'Region1',
      })),
    );
    expect((await service.staff.get(`${HYPERVISORS}/${String(objects[0]?.id)}`).expect(200)).body).toEqual(objects[0]);
    for (const id of [randomUUID(), 'x']) await service.staff.get(`${HYPERVISORS}/${id}`).expect(404);
  });
  it('200: pages, filters, order and search as every list', async () => {
    const first = await hosts('?page_size=1');
    expect([first.totalCount, first.objects[0]?.host_name]).toEqual([2, 'Region1-one']);
    expect(first.next).toContain('page=2');
    expect((await hosts('?filtering=host_name:Region1-two')).totalCount).toBe(1);
    expect((await hosts('?region=Other')).totalCount).toBe(0);
    expect((await hosts('?ordering=-host_name')).objects[0]?.host_name).toBe('Region1-two');
    expect((await hosts('?search=ONE')).totalCount).toBe(1);
    await service.staff.get(`${HYPERVISORS}?filtering=x:1`).expect(400);
    await service.staff.get(`${HYPERVISORS}?page=9`).expect(404);
  });
  it('403: end users see no hosts', async () => {
    await service.user.get(HYPERVISORS).expect(403);
    await service.user.get('/api/openstack/hypervisors').expect(404);
  });
  it('the flavor is out of stock when the hosts are full, and in stock again when one is deleted', async () => {
    expect(await outOfStock()).toBe(false);
    const ids: string[] = [];
    for (let i = 0; i < 4; i += 1) ids.push(await cloud.build({ name: `full-${i}` }));
    expect(await outOfStock()).toBe(false);
    expect(await sweep()).toEqual({ refreshed: 1, silent: 0 });
    expect(await outOfStock()).toBe(true);
    expect((await hosts()).objects.map((h) => [h.memory_mb_used, h.vcpus_used, h.running_vms])).toEqual([
      [512, 2, 2],
      [512, 2, 2],
    ]);
    const refused = await service.user.post(USER, createBody()).expect(400);
    expect(refused.body).toEqual({ flavor: ['This flavor is out of stock.'] });
    expect(refused.headers['x-error-code']).toBe('out_of_stock');
    // Staff may try all the same, and the hypervisor says no.
    const forced = await cloud.build({ name: 'forced', force: true });
    expect((await service.staff.get(`${STAFF}/${forced}`).expect(200)).body.fault.message).toBe(
      'No valid host was found.',
    );
    await service.staff.delete(`${STAFF}/${ids[0]}`).expect(200);
    await cloud.work();
    await sweep();
    expect(await outOfStock()).toBe(false);
    await service.user.post(USER, createBody()).expect(201);
  });
  it('a round asks no driver while nothing happened, and every minute all the same', async () => {
    await cloud.work();
    await sql(service.db, `update operation set completed_at = completed_at - interval '1 hour'`);
    await sql(service.db, `update region_stock set checked_at = now() - interval '30 s'`);
    expect(await service.sweep('catalog.stock')).toEqual({ refreshed: 0, silent: 0 });
    await sql(service.db, `update region_stock set checked_at = now() - interval '61 s'`);
    expect(await service.sweep('catalog.stock')).toEqual({ refreshed: 1, silent: 0 });
  });
  it('two processes at once ask once', async () => {
    await sql(service.db, 'delete from region_stock');
    const both = (await Promise.all([service.sweep('catalog.stock'), service.sweep('catalog.stock')])) as {
      refreshed: number;
    }[];
    expect(both.reduce((sum, { refreshed }) => sum + refreshed, 0)).toBe(1);
  });
  it('a driver that does not answer: its hosts are down, the stock stays as it was', async () => {
    const { drivers } = service.ctx;
    const driver = drivers.of('Region1');
    service.ctx.drivers = {
      ...drivers,
      of: () => ({
        ...driver,
        hosts: () => Promise.reject(Object.assign(new Error('no answer'), { name: 'DriverError', code: 'TIMEOUT' })),
      }),
    };
    expect(await sweepAll()).toEqual({ refreshed: 0, silent: 1 });
    expect((await hosts('?filtering=state:down')).totalCount).toBe(2);
    service.ctx.drivers = drivers;
    expect(await sweepAll()).toEqual({ refreshed: 1, silent: 0 });
    expect((await hosts('?filtering=state:up')).totalCount).toBe(2);
  });
  it('a driver that may not see its hosts: none are listed, the room is asked all the same', async () => {
    const { drivers } = service.ctx;
    const driver = drivers.of('Region1');
    const hosts_ = () => Promise.reject(Object.assign(new Error('no'), { name: 'DriverError', code: 'FORBIDDEN' }));
    service.ctx.drivers = { ...drivers, of: () => ({ ...driver, hosts: hosts_, capacity: () => Promise.resolve(0) }) };
    expect(await sweepAll()).toEqual({ refreshed: 1, silent: 0 });
    expect([(await hosts()).totalCount, await outOfStock()]).toEqual([0, true]);
    service.ctx.drivers = { ...drivers, of: () => ({ ...driver, capacity: () => Promise.resolve(null) }) };
    await sweepAll();
    expect([(await hosts()).totalCount, await outOfStock()]).toEqual([2, false]);
    service.ctx.drivers = drivers;
  });
  const sweepAll = async (): Promise<unknown> => {
    await sql(service.db, 'delete from region_stock');
    return service.sweep('catalog.stock');
  };
});

describe('resellers and their flavors', () => {
  const cloud = useCloud();
  const { service } = cloud;
  const at = '/staffapi/openstack/resellerresources';
  let reseller: number;
  let own: string;
  const flavorOf = async (name: string): Promise<string> => {
    const id = randomUUID();
    await sql(
      service.db,
      `insert into flavor (id, region_id, name, vcpus, memory_mb, root_gb) values ($1, 'Region1', $2, 1, 256, 1)`,
      [id, name],
    );
    return id;
  };
  const names = async (as = service.user): Promise<string[]> => {
    const root = as === service.staff ? '/staffapi' : '/api';
    const { body } = await as.get(`${root}${FLAVORS}?ordering=name`).expect(200);
    return (body.objects as { name: string }[]).map(({ name }) => name);
  };
  beforeAll(async () => {
    reseller = await service.seedClient({ name: ['Re', 'Seller'] });
    own = await flavorOf('theirs');
  });
  let set: { id: number };

  it('201: a set of the reseller: its own flavors, and what it offers of the provider', async () => {
    const { body } = await service.staff
      .post(at, { client: reseller, name: 'Seller cloud', flavors: [own], catalogue: [FLAVOR] })
      .expect(201);
    expect(body).toEqual({
      id: expect.any(Number),
      name: 'Seller cloud',
      client: { id: reseller, name: 'Re Seller' },
      flavors: [own],
      catalogue: [FLAVOR],
    });
    set = body;
    expect((await service.staff.get(`${at}/${set.id}`).expect(200)).body).toEqual(body);
    expect((await service.staff.get(at).expect(200)).body.objects).toEqual([body]);
  });
  it('200: staff see whose a flavor is and who offers it; end users are not told of resellers', async () => {
    const flavor = async (id: string, as = service.staff, root = '/staffapi') =>
      (await as.get(`${root}${FLAVORS}/${id}`).expect(200)).body;
    expect(await flavor(own)).toMatchObject({
      reseller_resources: { id: set.id, name: 'Seller cloud' },
      used_by_resellers: [],
    });
    expect(await flavor(FLAVOR)).toMatchObject({
      reseller_resources: null,
      used_by_resellers: [{ id: reseller, name: 'Re Seller' }],
    });
    expect(await flavor(FLAVOR, service.user, '/api')).toMatchObject({
      reseller_resources: null,
      used_by_resellers: [],
    });
    const id = await cloud.build({}, service.ownClient);
    expect((await service.staff.get(`${STAFF}/${id}`).expect(200)).body.flavor.used_by_resellers).toHaveLength(1);
    expect((await service.user.get(`${USER}/${id}`).expect(200)).body.flavor.used_by_resellers).toEqual([]);
  });
  it("200, 400: a reseller's flavor is there for its clients and itself, and absent for all others", async () => {
    const create = (client: number) => service.staff.post(STAFF, createBody({ client, flavor: own }));
    expect(await names()).toEqual(['m1.tiny']);
    await service.user.get(`/api${FLAVORS}/${own}`).expect(404);
    const refused = await service.user.post(USER, createBody({ flavor: own })).expect(400);
    expect(refused.body).toEqual({ flavor: [`Invalid pk "${own}" - object does not exist.`] });
    await create(service.ownClient).expect(400);
    await service.staff.patch(`/staffapi/clients/${service.ownClient}`, { reseller_client: reseller }).expect(200);
    expect(await names()).toEqual(['m1.tiny', 'theirs']);
    await service.user.post(USER, createBody({ flavor: own })).expect(201);
    await create(reseller).expect(201);
    expect(await names(service.stranger)).toEqual(['m1.tiny']);
    await create(service.otherClient).expect(400);
    expect(await names(service.staff)).toEqual(['m1.tiny', 'theirs']);
    const ofClient = await service.staff.get(`/staffapi${FLAVORS}?client=${service.otherClient}`).expect(200);
    expect(ofClient.body.totalCount).toBe(1);
  });
  it('400: a second set, an unknown client or flavor, a flavor of another set, one in both lists', async () => {
    const other = await service.seedClient();
    const post = async (body: object) => (await service.staff.post(at, { name: 'x', ...body }).expect(400)).body;
    expect(await post({ client: reseller })).toEqual({ client: ['The client is a reseller already.'] });
    expect(await post({ client: 99 })).toEqual({ client: ['Invalid pk "99" - object does not exist.'] });
    const unknown = randomUUID();
    expect(await post({ client: other, flavors: [FLAVOR, unknown] })).toEqual({
      flavors: { 1: [`Invalid pk "${unknown}" - object does not exist.`] },
    });
    const taken = 'The flavor belongs to a reseller already.';
    expect(await post({ client: other, flavors: [own] })).toEqual({ flavors: { 0: [taken] } });
    expect(await post({ client: other, catalogue: [own] })).toEqual({ catalogue: { 0: [taken] } });
    expect(await post({ client: other, flavors: [FLAVOR], catalogue: [FLAVOR] })).toEqual({
      catalogue: { 0: [taken] },
    });
    expect((await service.staff.get(at).expect(200)).body.totalCount).toBe(1);
  });
  it('200: lists that are given replace, what is absent stays', async () => {
    const another = await flavorOf('another');
    const patch = (body: object) => service.staff.patch(`${at}/${set.id}`, body);
    expect((await patch({ name: 'New name' }).expect(200)).body).toMatchObject({
      name: 'New name',
      flavors: [own],
      catalogue: [FLAVOR],
    });
    expect((await patch({ flavors: [own, another], catalogue: [] }).expect(200)).body).toMatchObject({
      flavors: [own, another].sort(),
      catalogue: [],
    });
    expect((await patch({ flavors: [own] }).expect(200)).body.flavors).toEqual([own]);
    await patch({ flavors: 'x' }).expect(400);
    await service.staff.patch(`${at}/99999`, { name: 'x' }).expect(404);
    await service.user.get(at).expect(403);
  });
  it('409: a set is not deleted while flavors belong to it; 204 after', async () => {
    await service.staff.delete(`${at}/${set.id}`).expect(409);
    await service.staff.patch(`${at}/${set.id}`, { flavors: [] }).expect(200);
    await service.staff.delete(`${at}/${set.id}`).expect(204);
    await service.staff.get(`${at}/${set.id}`).expect(404);
  });
  it('the flavors of a reseller that is deleted are disabled, not open to all', async () => {
    const gone = await service.seedClient();
    const flavor = await flavorOf('orphan');
    await service.staff.post(at, { client: gone, name: 'Gone', flavors: [flavor] }).expect(201);
    await sql(service.db, `update service set status = 'terminated' where client_id = $1`, [gone]);
    await service.staff.delete(`/staffapi/clients/${gone}`).expect(204);
    expect(await names()).not.toContain('orphan');
    expect((await service.staff.get(`/staffapi${FLAVORS}/${flavor}`).expect(200)).body).toMatchObject({
      disabled: true,
      reseller_resources: null,
    });
  });
});
