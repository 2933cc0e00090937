import { sql } from '@nefos/service-kit';
import { createDrivers } from '../../src/ports/drivers.js';
import { NETWORK, STAFF, useCloud } from '../cloud-support.js';

describe('a region with one host of 1024 MB', () => {
  const cloud = useCloud();
  const { service } = cloud;
  beforeAll(() => {
    const settings = {
      ...service.ctx.config,
      NEFOS_COMPUTE_SIM_HOST_MEMORY_MB: 1024,
      NEFOS_COMPUTE_SIM_HOSTS: ['only'],
    };
    service.ctx.drivers = createDrivers(service.db, settings);
  });
  it('m1.tiny is made and deleted ten times: each runs, with the same address, and nothing is left', async () => {
    const addresses = new Set<unknown>();
    for (let i = 0; i < 10; i += 1) {
      const id = await cloud.build({ name: `tiny-${i}` });
      const { body } = await service.staff.get(`${STAFF}/${id}`).expect(200);
      expect([i, body.status, body.fault]).toEqual([i, 'active', null]);
      addresses.add(body.access_ip);
      await service.staff.delete(`${STAFF}/${id}`).expect(200);
      await cloud.work();
      await service.staff.get(`${STAFF}/${id}`).expect(404);
    }
    expect(addresses.size).toBe(1);
    expect(await sql(service.db, 'select 1 from sim_machine')).toEqual([]);
    expect(await sql(service.db, 'select 1 from sim_address where network_id = $1', [NETWORK])).toEqual([]);
  });
  it('a fifth at once finds no host, and one when another is deleted', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 5; i += 1) ids.push(await cloud.build({ name: `full-${i}` }));
    const statusOf = async (id: string | undefined): Promise<unknown> =>
      (await service.staff.get(`${STAFF}/${id}`).expect(200)).body.status;
    expect(await Promise.all(ids.map(statusOf))).toEqual(['active', 'active', 'active', 'active', 'error']);
    await service.staff.delete(`${STAFF}/${ids[1]}`).expect(200);
    await cloud.work();
    expect(await statusOf(await cloud.build({ name: 'again' }))).toBe('active');
  });
});
