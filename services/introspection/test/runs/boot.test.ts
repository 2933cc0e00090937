import type { JsonObject } from '../../src/values.js';
import { machineOf, nodeRow } from '../bmc/nodes.js';
import { report } from '../machine.js';
import { useRuns } from './support.js';

const service = useRuns({ NEFOS_INTROSPECTION_DELAY: '0' });
const abort = (node: string) => service.call('post', `/v1/introspection/${node}/abort`);
let serial = 0;
/** A node with a BMC address, and what its ramdisk reports. */
const machine = async (info: JsonObject = {}): Promise<{ uuid: string; report: JsonObject }> => {
  serial += 1;
  const address = `198.51.100.${serial}`;
  const uuid = await service.node({ driver_info: { ipmi_address: address, ...info } });
  const mac = `52:54:00:00:01:${serial.toString(16).padStart(2, '0')}`;
  const inventory = {
    ...(report().inventory as JsonObject),
    bmc_address: address,
    interfaces: [{ name: 'eth0', mac_address: mac, ipv4_address: '1.2.1.2' }],
  };
  return { uuid, report: { ...report(), inventory, boot_interface: mac } };
};
const callBack = (body: JsonObject) => service.call('post', '/v1/continue', '').send(body);
const phasesOf = async (uuid: string): Promise<string[]> => {
  const [run] = await service.rows<{ phases: { phase: string }[] }>('select phases from run where node_uuid = $1', [
    uuid,
  ]);
  return run?.phases.map(({ phase }) => phase) ?? [];
};
const still = (uuid: string) =>
  service.rows(`update run set state_at = state_at - interval '1 minute' where node_uuid = $1`, [uuid]);

it('202: the machine boots from the network, once, and then its callback is awaited', async () => {
  const { uuid } = await machine();
  await service.start(uuid, '').expect(202);
  expect(await service.status(uuid)).toMatchObject({ state: 'starting', finished: false });
  await service.work();
  expect(await service.status(uuid)).toMatchObject({ state: 'waiting', error: null });
  expect(await machineOf(service, uuid)).toMatchObject({ powered_on: 1, boot_device: 'pxe', persistent: false });
  expect(await phasesOf(uuid)).toEqual(['starting', 'power ordered', 'power on seen', 'waiting']);
});
it('a run goes from start to end: on, report, off; the machine is off before the run is finished', async () => {
  const one = await machine({ force_persistent_boot_device: 'Always' });
  await service.start(one.uuid, '').expect(202);
  await service.work();
  expect(await machineOf(service, one.uuid)).toMatchObject({ power_state: 'power on', persistent: true });
  await callBack(one.report).expect(200);
  expect(await service.status(one.uuid)).toMatchObject({ state: 'processing', finished: false });
  await service.work();
  expect(await service.status(one.uuid)).toMatchObject({ state: 'finished', error: null, finished: true });
  expect(await machineOf(service, one.uuid)).toMatchObject({ power_state: 'power off', powered_on: 1 });
  const events = await service.rows<{ payload: JsonObject }>('select payload from outbox where aggregate = $1', [
    one.uuid,
  ]);
  expect(events).toMatchObject([{ payload: { type: 'node.introspected', node: { uuid: one.uuid } } }]);
  const kept = await service.rows('select cause, state, body is not null data from run_history where node_uuid = $1', [
    one.uuid,
  ]);
  expect(kept).toEqual([{ cause: 'request', state: 'finished', data: true }]);
});
it('one that was not switched on for it stays as it is', async () => {
  const one = await machine();
  await service.start(one.uuid).expect(202);
  await callBack(one.report).expect(200);
  await service.work();
  expect((await service.status(one.uuid)).state).toBe('finished');
  expect(await machineOf(service, one.uuid)).toBeUndefined();
});
it('a machine that can not be switched on fails the run, with the reason', async () => {
  const { uuid } = await machine({ fake_fail: 'power_on' });
  await service.start(uuid, '').expect(202);
  await service.work();
  const { state, error } = await service.status(uuid);
  expect([state, error]).toEqual(['error', expect.stringMatching(/could not be powered on: .*fake_fail/)]);
});
it('one that can not be switched off fails the run after its report', async () => {
  const one = await machine();
  await service.start(one.uuid, '').expect(202);
  await service.work();
  await service.rows(
    `update node set driver_info = (driver_info::jsonb || '{"fake_fail":"power_off"}')::json where uuid = $1`,
    [one.uuid],
  );
  await callBack(one.report).expect(200);
  await service.work();
  const { state, error } = await service.status(one.uuid);
  expect([state, error]).toEqual(['error', expect.stringMatching(/could not be powered off: .*fake_fail/)]);
});
it('400: a driver that switches nothing, with its reason', async () => {
  const uuid = await service.node({ driver: 'manual' });
  const res = await service.start(uuid, '').expect(400);
  expect(res.body.error.message).toMatch(/power of node .* can not be managed: ./);
  await service.start(uuid).expect(202);
});
it('a machine that nobody could recognise is not switched on', async () => {
  const uuid = await service.node({ driver_info: {} });
  await service.start(uuid, '').expect(202);
  await service.work();
  expect(await service.status(uuid)).toMatchObject({
    state: 'error',
    error: expect.stringContaining('look-up attributes') as string,
  });
  expect(await machineOf(service, uuid)).toBeUndefined();
});
it('abort powers the machine off; that it can not is noted only', async () => {
  const [one, other] = [await machine(), await machine()];
  for (const { uuid } of [one, other]) await service.start(uuid, '').expect(202);
  await service.work();
  await service.rows(
    `update node set driver_info = (driver_info::jsonb || '{"fake_fail":"power_off"}')::json where uuid = $1`,
    [other.uuid],
  );
  for (const { uuid } of [one, other]) {
    await abort(uuid).expect(202);
    expect((await service.status(uuid)).state).toBe('aborting');
    await service.work();
    expect(await service.status(uuid)).toMatchObject({ state: 'error', error: 'Canceled by operator' });
  }
  expect(await machineOf(service, one.uuid)).toMatchObject({ power_state: 'power off', powered_on: 1 });
  expect(await machineOf(service, other.uuid)).toMatchObject({ power_state: 'power on', powered_on: 1 });
  expect(await phasesOf(other.uuid)).toContain('power off failed');
  // A second abort of a run that has ended switches nothing (contract introspection §2.9, Fix).
  await service.rows(`update simulated_machine set power_state = 'power on' where node_uuid = $1`, [one.uuid]);
  await abort(one.uuid).expect(202);
  await service.work();
  expect(await machineOf(service, one.uuid)).toMatchObject({ power_state: 'power on' });
});
it('a machine that somebody else switches is waited for', async () => {
  const { requestPower } = await import('../../src/bmc/domain/power-orders.js');
  const { uuid } = await machine();
  const runAt = new Date(Date.now() + 3_600_000);
  await service.db.transaction((tx) => requestPower(service.ctx, tx, uuid, { target: 'power on', runAt }));
  await service.start(uuid, '').expect(202);
  await service.work(2);
  expect((await service.status(uuid)).state).toBe('starting');
  await service.rows('update power_order set begins_at = now() where node_uuid = $1', [uuid]);
  await service.work();
  expect((await service.status(uuid)).state).toBe('waiting');
  // And not for ever.
  await service.rows(
    `update run set state = 'starting', order_id = null, state_at = now() - interval '3 minutes'
    where node_uuid = $1`,
    [uuid],
  );
  await service.db.transaction((tx) => requestPower(service.ctx, tx, uuid, { target: 'power on', runAt }));
  await service.sweep('runs.rescue');
  await service.work(2);
  expect((await service.status(uuid)).error).toContain('another order');
});
it('the node of a run by the registry shows each step', async () => {
  const one = await machine();
  await service.rows(`update node set provision_state = 'inspecting' where uuid = $1`, [one.uuid]);
  const state = async () =>
    (await service.rows<{ s: string }>('select provision_state s from node where uuid = $1', [one.uuid]))[0]?.s;
  await service.start(one.uuid).expect(202);
  expect(await state()).toBe('inspect wait');
  await callBack(one.report).expect(200);
  expect(await state()).toBe('inspecting');
  await service.work();
  expect(await state()).toBe('manageable');
  expect(await nodeRow(service, one.uuid)).toMatchObject({ last_error: null });
});

describe('when all jobs are lost, a run', () => {
  /** Loses the jobs, makes everything look still, and lets the reconcilers find it. */
  const loseAndFind = async (uuid: string): Promise<void> => {
    await service.loseJobs();
    await still(uuid);
    await service.rows(
      `update power_order set step_at = now() - interval '2 minutes', begins_at = now() - interval '2 minutes'`,
    );
    await service.sweep('runs.rescue');
    await service.sweep('bmc.power_orders');
  };
  it('that starts goes on from every step, and its machine is switched on once', async () => {
    const one = await machine();
    await service.start(one.uuid, '').expect(202);
    for (let round = 0; round < 30 && (await service.status(one.uuid)).state === 'starting'; round += 1) {
      await loseAndFind(one.uuid);
      await service.work(1);
    }
    expect((await service.status(one.uuid)).state).toBe('waiting');
    expect(await machineOf(service, one.uuid)).toMatchObject({ powered_on: 1 });
    await callBack(one.report).expect(200);
    for (let round = 0; round < 30 && (await service.status(one.uuid)).state === 'processing'; round += 1) {
      await loseAndFind(one.uuid);
      await service.work(1);
    }
    expect((await service.status(one.uuid)).state).toBe('finished');
    expect(await machineOf(service, one.uuid)).toMatchObject({ powered_on: 1, power_state: 'power off' });
  });
  it('whose order has ended is told so by the state of the machine', async () => {
    for (const [power, state] of [
      ['power on', 'waiting'],
      ['power off', 'error'],
    ] as const) {
      const { uuid } = await machine();
      await service.start(uuid).expect(202);
      await service.rows(`update run set state = 'starting', order_id = gen_random_uuid() where node_uuid = $1`, [
        uuid,
      ]);
      await service.rows('update node set power_state = $2 where uuid = $1', [uuid, power]);
      await loseAndFind(uuid);
      await service.work();
      expect((await service.status(uuid)).state).toBe(state);
    }
  });
  it('that nobody enrolls any more fails', async () => {
    const { uuid } = await machine();
    await service.start(uuid).expect(202);
    await service.rows(
      `update run set state = 'enrolling', state_at = now() - interval '10 minutes' where node_uuid = $1`,
      [uuid],
    );
    await service.sweep('runs.rescue');
    expect(await service.status(uuid)).toMatchObject({
      state: 'error',
      error: expect.stringContaining('restarted') as string,
    });
  });
  it('that is applied again is applied', async () => {
    const one = await machine();
    await service.start(one.uuid).expect(202);
    await callBack(one.report).expect(200);
    await service.work();
    await service.call('post', `/v1/introspection/${one.uuid}/data/unprocessed`).expect(202);
    await loseAndFind(one.uuid);
    await service.work();
    expect((await service.status(one.uuid)).state).toBe('finished');
    const causes = await service.rows('select cause from run_history where node_uuid = $1 order by finished_at', [
      one.uuid,
    ]);
    expect(causes).toEqual([{ cause: 'request' }, { cause: 'reapply' }]);
  });
});

describe('the turn between two reboots', () => {
  const slow = useRuns({ NEFOS_INTROSPECTION_DELAY: '600' });
  it('is waited for; meanwhile abort is 409 and start is 400', async () => {
    const [first, second] = [await slow.node(), await slow.node()];
    for (const uuid of [first, second]) {
      await slow.start(uuid, '').expect(202);
      await slow.work(5);
    }
    expect([(await slow.status(first)).state, (await slow.status(second)).state]).toEqual(['waiting', 'starting']);
    expect(await machineOf(slow, second)).toBeUndefined();
    expect((await slow.call('post', `/v1/introspection/${second}/abort`)).status).toBe(409);
    expect((await slow.start(second, '')).status).toBe(400);
    await slow.rows('update power_order set begins_at = now()');
    await slow.work();
    expect((await slow.status(second)).state).toBe('waiting');
    expect(await machineOf(slow, second)).toMatchObject({ powered_on: 1 });
  });
});
