import { randomUUID } from 'node:crypto';
import { run } from '@nefos/service-kit';
import {
  bootDeviceOf,
  readPowerState,
  setBootDevice,
  setBootMode,
  bootModeOf,
  validateBmc,
} from '../../src/bmc/domain/bmcs.js';
import { requestPower } from '../../src/bmc/domain/power-orders.js';
import { reserveReboot, speak, trySpeak } from '../../src/bmc/domain/turns.js';
import { targetOf } from '../../src/bmc/domain/drivers.js';
import { demandNode } from '../../src/nodes/domain/nodes.js';
import { useService } from '../support.js';
import { addNode, auditOf, machineOf, nodeRow } from './nodes.js';

describe('what requests ask of BMCs', () => {
  const service = useService({ NEFOS_INTROSPECTION_DELAY: '5' });
  const actor = randomUUID();
  const node = async (uuid: string) => demandNode(service.db, uuid);

  it('the boot device and mode are set and read; who did it is recorded', async () => {
    const uuid = await addNode(service, 'fake-hardware');
    await setBootDevice(service.ctx, await node(uuid), { device: 'pxe', persistent: true }, actor);
    await setBootMode(service.ctx, await node(uuid), 'uefi', actor);
    expect(await bootDeviceOf(service.ctx, await node(uuid))).toEqual({ boot_device: 'pxe', persistent: true });
    expect(await bootModeOf(service.ctx, await node(uuid))).toBe('uefi');
    const details = { boot_device: 'pxe', persistent: true };
    expect(await auditOf(service, uuid)).toEqual([
      { actor, operation: 'bmc.set_boot_device', result: 'done', details },
      { actor, operation: 'bmc.set_boot_mode', result: 'done', details: { boot_mode: 'uefi' } },
    ]);
  });
  it('a failure is a fault of its kind, and recorded', async () => {
    const uuid = await addNode(service, 'fake-hardware', { fake_fail: 'set_boot_device:credentials' });
    await expect(
      setBootDevice(service.ctx, await node(uuid), { device: 'pxe', persistent: false }, actor),
    ).rejects.toMatchObject({
      kind: 'upstream',
      code: 'bmc.credentials',
      params: { message: expect.any(String) as string },
    });
    expect(await auditOf(service, uuid)).toMatchObject([{ actor, result: 'credentials' }]);
    const manual = await addNode(service, 'manual');
    await expect(
      setBootDevice(service.ctx, await node(manual), { device: 'pxe', persistent: false }, actor),
    ).rejects.toMatchObject({ kind: 'invalid', code: 'bmc.unsupported' });
  });
  it('409: not while the machine is being switched', async () => {
    const uuid = await addNode(service, 'fake-hardware');
    await service.db.transaction((tx) => requestPower(service.ctx, tx, uuid, { target: 'power on' }));
    await expect(
      setBootDevice(service.ctx, await node(uuid), { device: 'pxe', persistent: false }, actor),
    ).rejects.toMatchObject({ kind: 'conflict', code: 'node.busy' });
    await service.work();
    expect(await machineOf(service, uuid)).toMatchObject({ boot_device: 'disk' });
  });
  it('the power state that is read is noted', async () => {
    const uuid = await addNode(service, 'fake-hardware', {}, { power: 'power on' });
    expect(await readPowerState(service.ctx, await node(uuid))).toBe('power on');
    expect(await nodeRow(service, uuid)).toMatchObject({ power_state: 'power on' });
  });
  it('one command at a time per BMC: a second one waits, and 409 when it takes too long', async () => {
    const uuid = await addNode(service, 'fake-hardware');
    const target = targetOf(service.ctx, await node(uuid));
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const first = trySpeak(service.ctx, target, () => held);
    const order: string[] = [];
    const isTaken = async () => (await trySpeak(service.ctx, target, () => Promise.resolve())) === undefined;
    while (!(await isTaken()));
    const second = speak(service.ctx, target, () => Promise.resolve(order.push('second')));
    order.push('first');
    release();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    await run(service.db, `update bmc_turn set until = now() + interval '1 h' where address = $1`, [uuid]);
    await expect(speak(service.ctx, target, () => Promise.resolve())).rejects.toMatchObject({
      kind: 'conflict',
      code: 'bmc.taken',
    });
  }, 20_000);
  it('what validates and what does not', async () => {
    const good = await addNode(service, 'redfish', { redfish_address: 'bmc.example' });
    const bad = await addNode(service, 'ipmi', { ipmi_port: 99_999, ipmi_address: 'a' });
    const old = await addNode(service, 'gone');
    expect(validateBmc(service.ctx, await node(good)).power).toEqual({ result: true, reason: null });
    expect(validateBmc(service.ctx, await node(bad)).power).toEqual({ result: false, reason: 'ipmi_port is no port.' });
    expect(validateBmc(service.ctx, await node(old)).power).toMatchObject({ result: false });
  });
  it('a password reaches the driver, sealed in between', async () => {
    const uuid = await addNode(service, 'ipmi', { ipmi_address: '10.0.0.1', ipmi_password: 'very secret' });
    const stored = await node(uuid);
    expect(JSON.stringify(stored)).not.toContain('very secret');
    expect(targetOf(service.ctx, stored).info).toMatchObject({ ipmi_password: 'very secret' });
  });
  it('machines are started one after the other, so many seconds apart', async () => {
    const times: Date[] = [];
    for (let at = 0; at < 3; at += 1)
      times.push(await service.db.transaction((tx) => reserveReboot(tx, service.ctx.config.NEFOS_INTROSPECTION_DELAY)));
    const [first, second, third] = times.map((one) => one.getTime());
    expect(Math.abs((first ?? 0) - Date.now())).toBeLessThan(5000);
    expect([(second ?? 0) - (first ?? 0), (third ?? 0) - (second ?? 0)]).toEqual([5000, 5000]);
  });
});
