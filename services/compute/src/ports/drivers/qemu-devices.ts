import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError } from '../driver.js';
import { withQmp, type Machine } from './qemu-machines.js';
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
/** A slot that neither a disk nor an interface has. @throws DriverError NO_CAPACITY */
export const freeSlot = ({ vm }: Machine): number => {
  const taken = new Set([...vm.disks.map(({ slot }) => slot), ...vm.nics.map(({ slot }) => slot)]);
  for (let slot = 0; slot < SLOTS; slot += 1) if (!taken.has(slot)) return slot;
  throw new DriverError('NO_CAPACITY', `The machine has ${SLOTS} devices, and can have no more.`, { retryable: false });
};
/**
 * Takes a device from the guest. Ends when it is gone: QEMU answers before. The monitor is free meanwhile.
 * @throws DriverError GUEST
 */
export const unplug = async (machine: Machine, id: string): Promise<void> => {
  const end = performance.now() + LET_GO_MS;
  const there = (): Promise<boolean> => withQmp(machine, (qmp) => hasDevice(qmp, id));
  if (!(await there())) return;
  await withQmp(machine, (qmp) => qmp.execute('device_del', { id })).catch((err: unknown) => {
    // It was asked before.
    const text = err instanceof DriverError && err.cause instanceof Error ? err.cause.message : '';
    if (!/in the process of unplug/i.test(text)) throw err;
  });
  while (await there()) {
    if (performance.now() > end) throw new DriverError('GUEST', 'The guest does not let the device go.');
    await sleep(100);
  }
};
