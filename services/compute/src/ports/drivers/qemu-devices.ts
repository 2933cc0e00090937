import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from '../driver.js';
import { statusOf, withQmp, type Machine } from './qemu-machines.js';
import { SLOTS } from './qemu-command.js';
import type { Qmp } from './qemu-qmp.js';

// Devices that are plugged in while a machine runs.

/** The guest has this long to let a device go; a call takes 30 s at most. */
const LET_GO_MS = 22_000;
export const hasDevice = async (qmp: Qmp, id: string): Promise<boolean> =>
  (await qmp.execute<{ name: string }[]>('qom-list', { path: '/machine/peripheral' })).some(({ name }) => name === id);
export const hasNode = async (qmp: Qmp, node: string): Promise<boolean> =>
  (await qmp.execute<{ 'node-name'?: string }[]>('query-named-block-nodes', { flat: true })).some(
    (one) => one['node-name'] === node,
  );
/** QEMU lets go of the file of a disk a moment after the disk. */
const FREE_MS = 2000;
/** QEMU has the file of a node, if there is one, open no more. @throws DriverError CONFLICT: something uses it */
export const dropNode = async (qmp: Qmp, node: string): Promise<void> => {
  for (const end = performance.now() + FREE_MS; await hasNode(qmp, node); await sleep(50))
    try {
      await qmp.execute('blockdev-del', { 'node-name': node });
      return;
    } catch (err) {
      if ((err as DriverError).code !== 'CONFLICT' || performance.now() > end) throw err;
    }
};
/** A slot that neither a disk nor an interface has. @throws DriverError NO_CAPACITY */
export const freeSlot = ({ vm }: Machine): number => {
  const taken = new Set([...vm.disks.map(({ slot }) => slot), ...vm.nics.map(({ slot }) => slot)]);
  for (let slot = 0; slot < SLOTS; slot += 1) if (!taken.has(slot)) return slot;
  throw new DriverError('NO_CAPACITY', `The machine has ${SLOTS} devices, and can have no more.`, { retryable: false });
};
/** A guest that boots does not hear that a device is to go, and QEMU does not tell it again. */
const ASK_AGAIN_MS = 2000;
const ask = async (qmp: Qmp, id: string): Promise<void> => {
  if ((await statusOf(qmp)) !== 'running') throw new DriverError('GUEST', 'A guest that is paused lets nothing go.');
  await qmp.execute('device_del', { id }).catch((err: unknown) => {
    // It was asked a moment ago, or the device has just gone.
    const { code, cause } = err as DriverError;
    if (code === 'NOT_FOUND' || (cause instanceof Error && /in the process of unplug/i.test(cause.message))) return;
    throw err;
  });
};
/**
 * Takes a device from the guest. Ends when it is gone: QEMU answers before. The monitor is free meanwhile.
 * @throws DriverError GUEST
 */
export const unplug = async (machine: Machine, id: string): Promise<void> => {
  const end = performance.now() + LET_GO_MS;
  for (let askAt = 0; ; await sleep(100)) {
    const gone = await withQmp(machine, async (qmp) => {
      if (!(await hasDevice(qmp, id))) return true;
      if (performance.now() < askAt) return false;
      await ask(qmp, id);
      askAt = performance.now() + ASK_AGAIN_MS;
      return false;
    });
    if (gone) return;
    if (performance.now() > end) throw new DriverError('GUEST', 'The guest does not let the device go.');
  }
};
