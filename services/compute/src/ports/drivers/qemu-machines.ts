import { rename, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError, type Address, type InstanceView, type PowerState } from '../driver.js';
import { boundLog } from './qemu-console.js';
import { readText, writeWhole } from './qemu-files.js';
import type { QemuHost } from './qemu-host.js';
import { commandOf, rootDisk } from './qemu-command.js';
import { isId } from './qemu-paths.js';
import { findProcess, killProcess, processOf, startProcess } from './qemu-process.js';
import type { Acceleration } from './qemu-probe.js';
import { connectQmp, type Qmp } from './qemu-qmp.js';
import { takeForwards } from './qemu-network.js';
import { missing, modeOf, parseVm, TASK_HINTS, type Nic, type Vm } from './qemu-state.js';
import { deviceOf, volumeFile } from './qemu-volume-files.js';

/** A machine whose lock is held. */
export interface Machine {
  host: QemuHost;
  id: string;
  dir: string;
  vm: Vm;
  /** Writes `vm` down; whole, and before anything that builds on it. */
  save: () => Promise<void>;
}
export const readVm = async (host: QemuHost, id: string): Promise<Vm | undefined> => {
  if (!isId(id)) return undefined;
  const text = await readText(path.join(host.places.machine(id), 'vm.json'));
  return text === undefined ? undefined : parseVm(text);
};
export const machineOf = (host: QemuHost, vm: Vm): Machine => {
  const dir = host.places.machine(vm.portalId);
  const machine: Machine = {
    host,
    id: vm.portalId,
    dir,
    vm,
    save: () => writeWhole(path.join(dir, 'vm.json'), `${JSON.stringify(machine.vm, null, 1)}\n`),
  };
  return machine;
};
/** Works at a machine that no other process works at meanwhile. @throws DriverError NOT_FOUND, CONFLICT */
export const holdMachine = async <T>(
  host: QemuHost,
  id: string,
  work: (machine: Machine) => Promise<T>,
): Promise<T> => {
  if (!(await readVm(host, id))) throw missing();
  return host.locks.hold(id, async () => {
    const vm = await readVm(host, id);
    if (!vm) throw missing();
    return work(machineOf(host, vm));
  });
};

/** @throws DriverError UNAVAILABLE: the monitor does not answer, or is another machine's */
export const withQmp = async <T>(
  { dir, id }: Pick<Machine, 'dir' | 'id'>,
  work: (qmp: Qmp) => Promise<T>,
): Promise<T> => {
  const qmp = await connectQmp(dir);
  try {
    const { UUID } = await qmp.execute<{ UUID: string }>('query-uuid');
    if (UUID !== id) throw new DriverError('UNAVAILABLE', "The monitor is another machine's.");
    return await work(qmp);
  } finally {
    qmp.close();
  }
};
export const isRunning = async ({ dir, id }: Pick<Machine, 'dir' | 'id'>): Promise<boolean> =>
  (await processOf(dir, id)) !== null;
/** QEMU's word for what a machine does. */
export const statusOf = async (qmp: Qmp): Promise<string> =>
  (await qmp.execute<{ status: string }>('query-status')).status;
export const kill = async (machine: Machine): Promise<void> =>
  killProcess(machine.dir, machine.id, () =>
    withQmp(machine, async (qmp) => {
      await qmp.execute('quit');
    }),
  );

const volumesOf =
  (host: QemuHost) =>
  (id: string): string =>
    volumeFile(host, id);
/** The file of the machine's root disk, and its name within QEMU. */
export const rootOf = ({ host, dir, vm }: Machine): { file: string; node: string } =>
  rootDisk(vm, { dir, volumeFile: volumesOf(host) });
const cpuOf = async ({ host, vm }: Machine, incoming: boolean): Promise<Acceleration> => {
  const [accel, ...cpu] = (vm.cpu ?? '').split(' ');
  if (incoming && (accel === 'kvm' || accel === 'tcg')) return { accel, cpu: cpu.join(' ') };
  return host.acceleration();
};
/** So long a process may have no monitor, when it begins or ends. */
const TURN_MS = 3000;
/**
 * Starts the machine's process unless it is there; the guest runs then, or its memory is being loaded.
 * @throws DriverError NO_CAPACITY, CONFLICT, INTERNAL
 */
export const spawnMachine = async (machine: Machine, { incoming = false } = {}): Promise<void> => {
  const { dir, vm, host } = machine;
  const run = async (): Promise<void> =>
    withQmp(machine, async (qmp) => {
      if (!incoming && (await statusOf(qmp)) !== 'running') await qmp.execute('cont');
    });
  // One that was just started by a process that has died since has no monitor yet.
  for (const end = performance.now() + TURN_MS; (await findProcess(dir, machine.id)) !== null; await sleep(50))
    try {
      return await run();
    } catch (err) {
      if (performance.now() > end) throw err;
    }
  const acceleration = await cpuOf(machine, incoming);
  vm.cpu = `${acceleration.accel} ${acceleration.cpu}`;
  await machine.save();
  await boundLog(dir);
  // A process has died that took the password from the seed.
  const [seed, later] = [path.join(dir, 'seed'), path.join(dir, 'seed-later')];
  if (!(await isFile(seed)) && (await isFile(later))) await rename(later, seed);
  for (let attempt = 1; ; attempt += 1)
    try {
      const { outbound } = host.settings;
      const args = commandOf(vm, { dir, acceleration, outbound, volumeFile: volumesOf(host), incoming });
      return await startProcess(host.qemu, args, {
        dir,
        ready: async () => {
          try {
            await run();
            return true;
          } catch (err) {
            if (err instanceof DriverError && err.code === 'UNAVAILABLE') return false;
            throw err;
          }
        },
      });
    } catch (err) {
      if (attempt >= 4 || !(err instanceof DriverError) || err.message !== PORT_TAKEN) throw err;
      await otherPorts(machine);
    }
};
const PORT_TAKEN = 'A port of the host is taken.';
/** Somebody else on the host has taken a port meanwhile. */
const otherPorts = async ({ host, id, vm, save }: Machine): Promise<void> => {
  const [first] = vm.nics;
  if (!first) return;
  first.forwards = await takeForwards(
    host,
    id,
    first.forwards.map(({ port }) => port),
  );
  await save();
};

const POWER: Readonly<Record<string, PowerState>> = {
  running: 1,
  paused: 3,
  debug: 3,
  'io-error': 3,
  watchdog: 3,
  'save-vm': 3,
  'restore-vm': 3,
  shutdown: 4,
  'internal-error': 6,
  'guest-panicked': 6,
  postmigrate: 7,
  'finish-migrate': 7,
  inmigrate: 7,
  suspended: 7,
  prelaunch: 0,
};
/** What the machine does now. @throws DriverError UNAVAILABLE, TIMEOUT: its process does not answer */
export const powerOf = async (
  machine: Pick<Machine, 'dir' | 'id' | 'vm'>,
): Promise<{ powerState: PowerState; backendStatus: string }> => {
  for (const end = performance.now() + TURN_MS; await isRunning(machine); await sleep(50))
    try {
      const backendStatus = await withQmp(machine, statusOf);
      return { powerState: POWER[backendStatus] ?? 0, backendStatus };
    } catch (err) {
      // One that begins or ends has no monitor for a moment.
      if (performance.now() > end) throw err;
    }
  if (machine.vm.suspended) return { powerState: 7, backendStatus: 'suspended' };
  if (machine.vm.task?.kind === 'create') return { powerState: 0, backendStatus: 'building' };
  return { powerState: 4, backendStatus: 'off' };
};
const addressOf = ({ networkName, mac, address, forwards }: Nic): Address[] => {
  if (address === null) return [];
  const led = forwards.map((one) => ({ address: one.address, port: one.port, guest_port: one.guestPort }));
  return [
    { network: networkName, version: 4, addr: address, mac, type: 'fixed', ...(led.length && { forwards: led }) },
  ];
};
export const viewOf = async (host: QemuHost, vm: Vm): Promise<InstanceView> => {
  const mode = modeOf(vm);
  return {
    ref: { portalId: vm.portalId, backendId: vm.portalId },
    name: vm.name,
    ...(await powerOf({ dir: host.places.machine(vm.portalId), id: vm.portalId, vm })),
    ...(vm.task && { taskHint: TASK_HINTS[vm.task.kind] }),
    ...(mode && { mode }),
    host: os.hostname(),
    addresses: vm.nics.flatMap(addressOf),
    volumes: [
      ...(vm.rootVolume === null ? [] : [{ portalId: vm.rootVolume, device: deviceOf(vm.rootVolume) }]),
      ...vm.disks.map(({ volumeId, device }) => ({ portalId: volumeId, device })),
    ],
    ...(vm.fault && { fault: vm.fault }),
  };
};
export const isFile = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  );
