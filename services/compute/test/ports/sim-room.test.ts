import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import type { InstanceSpec } from '../../src/ports/driver.js';
import { createSimDriver } from '../../src/ports/drivers/sim-driver.js';
import { useService } from '../support.js';

describe('what deleted simulated machines give back', () => {
  const service = useService();
  const open = (hostMemoryMb: number, region: string) =>
    createSimDriver(service.db, { region, latencyMs: { min: 0, max: 0 }, hosts: [`${region}-h`], hostMemoryMb });
  const specOf = (region: string, networkId: string, cidr: string): InstanceSpec => ({
    portalId: randomUUID(),
    name: 'vm',
    tags: [],
    region,
    projectId: 'p',
    flavor: { vcpus: 1, memoryMb: 256, rootGb: 1, ephemeralGb: 0, swapMb: 0 },
    imageId: randomUUID(),
    nics: [{ networkId, networkName: 'net', cidr }],
  });

  it('more machines than a network has addresses, deleted and never looked at again: none finds it full', async () => {
    const driver = open(4 * 1024 * 1024, 'Long');
    const network = randomUUID();
    const one = async (): Promise<void> => driver.destroy(await driver.create(specOf('Long', network, '10.8.0.0/26')));
    for (let i = 0; i < 200; i += 10) await Promise.all(Array.from({ length: 10 }, one));
    expect((await driver.hosts?.())?.[0]).toMatchObject({ memoryMbUsed: 0, runningVms: 0 });
  }, 120_000);
  it('a network of five addresses and memory for five machines, filled and emptied forty times', async () => {
    const driver = open(5 * 256, 'Small');
    const network = randomUUID();
    for (let round = 0; round < 40; round += 1) {
      const refs = [];
      for (let i = 0; i < 5; i += 1) refs.push(await driver.create(specOf('Small', network, '10.9.0.0/29')));
      await expect(driver.create(specOf('Small', network, '10.9.0.0/29'))).rejects.toMatchObject({
        code: 'NO_CAPACITY',
      });
      const addresses = await Promise.all(refs.map(async (ref) => (await driver.get(ref))?.addresses[0]?.addr));
      expect(addresses.sort()).toEqual(['10.9.0.2', '10.9.0.3', '10.9.0.4', '10.9.0.5', '10.9.0.6']);
      for (const ref of refs) await driver.destroy(ref);
    }
    expect(await driver.capacity(specOf('Small', network, '10.9.0.0/29').flavor)).toBe(5);
  });
  it('what a machine that is gone has counted of its failures goes too', async () => {
    const driver = open(256, 'Faults');
    const spec = { ...specOf('Faults', randomUUID(), '10.10.0.0/29'), name: 'vm sim:fail=stop@1' };
    const ref = await driver.create(spec);
    await expect(driver.stop(ref, { graceSeconds: 0 })).rejects.toThrow();
    await driver.destroy(ref);
    await driver.get(ref);
    expect(await sql(service.db, 'select 1 from sim_fault where portal_id = $1', [ref.portalId])).toEqual([]);
  });
});
