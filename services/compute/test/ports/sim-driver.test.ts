import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import type { InstanceSpec } from '../../src/ports/driver.js';
import { createSimDriver } from '../../src/ports/drivers/sim-driver.js';
import { driverConformance } from './driver-conformance.js';
import { networksConformance } from './networks-conformance.js';
import { volumesConformance } from './volumes-conformance.js';
import { useService } from '../support.js';

const network = randomUUID();
const spec = (more: Partial<InstanceSpec> = {}): InstanceSpec => ({
  portalId: randomUUID(),
  name: 'vm',
  tags: [],
  region: 'R',
  projectId: 'p',
  flavor: { vcpus: 1, memoryMb: 256, rootGb: 1, ephemeralGb: 0, swapMb: 0 },
  imageId: randomUUID(),
  nics: [{ networkId: network, networkName: 'private', cidr: '192.168.40.0/24' }],
  ...more,
});

describe('the simulator', () => {
  const service = useService();
  const open = (
    more: { hosts?: string[]; hostMemoryMb?: number; latencyMs?: { min: number; max: number }; region?: string } = {},
  ) =>
    createSimDriver(service.db, {
      region: 'R',
      latencyMs: { min: 0, max: 0 },
      hosts: ['h1', 'h2'],
      hostMemoryMb: 1_000_000,
      ...more,
    });
  driverConformance('the simulator without latency', () => ({ driver: open(), spec }));
  driverConformance('the simulator with latency', () => ({ driver: open({ latencyMs: { min: 20, max: 60 } }), spec }));
  networksConformance('the simulator', () => ({
    driver: open(),
    spec,
    projectId: 'p',
    external: { portalId: randomUUID(), backendId: null, address: '203.0.113.9' },
  }));
  volumesConformance('the simulator without latency', () => ({ driver: open(), spec }));
  volumesConformance('the simulator with latency', () => ({ driver: open({ latencyMs: { min: 20, max: 60 } }), spec }));

  it('fails a call as often as the name asks, and says whether to try again', async () => {
    const driver = open();
    const once = spec({ name: 'vm sim:fail=spawn@1' });
    await expect(driver.create(once)).rejects.toMatchObject({ retryable: true });
    const ref = await driver.create(once);
    await sql(service.db, `update sim_machine set tags = '{sim:fail=stop}' where portal_id = $1`, [ref.portalId]);
    for (let i = 0; i < 3; i += 1)
      await expect(driver.stop(ref, { graceSeconds: 0 })).rejects.toMatchObject({ code: 'INTERNAL', retryable: false });
  });
  it('hosts fill one after the other, and then there is no valid host', async () => {
    const driver = open({ hosts: ['small-1', 'small-2'], hostMemoryMb: 512, region: 'Small' });
    expect(await driver.capacity(spec().flavor)).toBe(4);
    const refs = [];
    for (let i = 0; i < 4; i += 1) refs.push(await driver.create(spec({ region: 'Small' })));
    expect(await Promise.all(refs.map(async (ref) => (await driver.get(ref))?.host))).toEqual([
      'small-1',
      'small-1',
      'small-2',
      'small-2',
    ]);
    await expect(driver.create(spec({ region: 'Small' }))).rejects.toMatchObject({
      code: 'NO_CAPACITY',
      message: 'No valid host was found.',
    });
    expect(await driver.capacity(spec().flavor)).toBe(0);
    await expect(open().create(spec({ tags: ['sim:no-capacity'] }))).rejects.toMatchObject({ code: 'NO_CAPACITY' });
  });
  it('a network without a free address refuses and leaves no machine', async () => {
    const tight = [{ networkId: randomUUID(), networkName: 'tight', cidr: '10.0.0.0/30' }];
    const driver = open();
    const late = spec({ nics: tight });
    expect((await driver.get(await driver.create(spec({ nics: tight }))))?.addresses[0]?.addr).toBe('10.0.0.2');
    await expect(driver.create(late)).rejects.toMatchObject({ code: 'NO_CAPACITY' });
    expect(await driver.get({ portalId: late.portalId, backendId: null })).toBeNull();
  });
  it('a destroyed machine gives its address and its room back, looked at or not', async () => {
    const tight = [{ networkId: randomUUID(), networkName: 'tight', cidr: '10.0.0.0/30' }];
    const driver = open({ hosts: ['tight-1'], hostMemoryMb: 256, region: 'Tight' });
    const next = () => driver.create(spec({ nics: tight, region: 'Tight' }));
    const first = await next();
    await driver.destroy(first);
    expect(await driver.get(first)).toBeNull();
    expect(await driver.capacity(spec().flavor)).toBe(1);
    const second = await next();
    await driver.destroy(second);
    expect(await driver.list({ after: null, limit: 10 })).toEqual([]);
    const third = await next();
    expect((await driver.get(third))?.addresses[0]?.addr).toBe('10.0.0.2');
    await driver.destroy(third);
    expect((await driver.get(await next()))?.addresses[0]?.addr).toBe('10.0.0.2');
  });
  it('a guest that ignores ACPI goes off when the grace is over, not before', async () => {
    const driver = open();
    const ref = await driver.create(spec({ name: 'vm sim:guest-ignores-acpi' }));
    await driver.stop(ref, { graceSeconds: 60 });
    expect(await driver.get(ref)).toMatchObject({ powerState: 1, taskHint: 'stopping' });
    await sql(service.db, `update sim_machine set changes_at = now() where portal_id = $1`, [ref.portalId]);
    const off = await driver.get(ref);
    expect(off?.powerState).toBe(4);
    expect(off?.taskHint).toBeUndefined();
  });
  it('a guest crashes when its time has come, and can be started again', async () => {
    const driver = open();
    const ref = await driver.create(spec({ name: 'vm sim:crash-after_s=1000' }));
    expect((await driver.get(ref))?.powerState).toBe(1);
    await sql(service.db, `update sim_machine set crashes_at = now() where portal_id = $1`, [ref.portalId]);
    expect((await driver.get(ref))?.powerState).toBe(6);
    await driver.start(ref);
    expect((await driver.get(ref))?.powerState).toBe(1);
  });
  it('a guest switches itself off', async () => {
    const driver = open();
    const ref = await driver.create(spec());
    await driver.powerOffFromInside?.(ref);
    expect((await driver.get(ref))?.powerState).toBe(4);
  });
});
