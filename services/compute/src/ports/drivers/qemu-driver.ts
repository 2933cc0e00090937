import os from 'node:os';
import { BASIC_ACTIONS, CREATE_FIELDS, type Capabilities, type ComputeDriver, type DriverAction } from '../driver.js';
import { boundLog } from './qemu-console.js';
import { counterCalls } from './qemu-counters.js';
import { createCreator } from './qemu-create.js';
import { emptyTrash, namesIn } from './qemu-files.js';
import { setGuestPassword } from './qemu-guest-agent.js';
import { capacityFor, hostsOf, roomOf } from './qemu-hosts.js';
import type { QemuHost } from './qemu-host.js';
import { holdMachine, isRunning, machineOf, readVm, viewOf } from './qemu-machines.js';
import { modeCalls } from './qemu-modes.js';
import { isId } from './qemu-paths.js';
import { portCalls } from './qemu-ports.js';
import { createActor, powerCalls } from './qemu-power.js';
import { connectSocket } from './qemu-qmp.js';
import { snapshotCalls } from './qemu-snapshots.js';
import { invalidState, missing } from './qemu-state.js';
import { advance, forgetPassword } from './qemu-tasks.js';
import { attachmentCalls } from './qemu-volume-attachments.js';
import { createVolumeDriver } from './qemu-volumes.js';
import { watchMachines } from './qemu-watch.js';

const ACTIONS = new Set<DriverAction>([
  ...BASIC_ACTIONS,
  'resize',
  'rescue',
  'boot_from_iso',
  'rebuild',
  'snapshot',
  'change_password',
  'rename',
  'console',
  'attach_volume',
  'attach_port',
  'move',
]);
export const QEMU_CAPABILITIES: Capabilities = {
  actions: ACTIONS,
  createFields: new Set(CREATE_FIELDS),
  offers: () => true,
};
/** The host counts what goes over its bridges; QEMU's own network counts nothing. */
const capabilitiesOf = ({ settings }: QemuHost): Capabilities =>
  Object.keys(settings.bridges).length
    ? { ...QEMU_CAPABILITIES, actions: new Set<DriverAction>([...ACTIONS, 'counters']) }
    : QEMU_CAPABILITIES;
/** Machines that are looked at at a time. */
const AT_ONCE = 8;

const readCalls = (host: QemuHost) => {
  /** Looks at a machine, and carries on what it is at unless somebody does. */
  const look = async (id: string) => {
    const vm = await readVm(host, id);
    if (!vm) return null;
    if (vm.task)
      await host.locks.tryHold(id, async () => {
        const now = await readVm(host, id);
        if (now) await advance(machineOf(host, now));
      });
    const now = vm.task ? await readVm(host, id) : vm;
    return now ? viewOf(host, now) : null;
  };
  return {
    get: ({ portalId }) => look(portalId),
    list: async ({ after, limit }) => {
      if (after === null) await emptyTrash(host.places.trash);
      const ids = (await namesIn(host.places.machines)).filter((id) => isId(id) && (after === null || id > after));
      const views = [];
      for (let at = 0; at < ids.length && views.length < limit; at += AT_ONCE) {
        const some = ids.slice(at, at + Math.min(AT_ONCE, limit - views.length));
        const found = await Promise.all(
          some.map(async (id) => {
            await boundLog(host.places.machine(id)).catch(() => undefined);
            return look(id);
          }),
        );
        views.push(...found.filter((one) => one !== null));
      }
      return views;
    },
  } satisfies Partial<ComputeDriver>;
};
const guestCalls = (host: QemuHost) =>
  ({
    setPassword: async ({ portalId }, password) => {
      const dir = host.places.machine(portalId);
      if (!(await readVm(host, portalId))) throw missing();
      if (!(await isRunning({ dir, id: portalId }))) throw invalidState('The machine does not run.');
      await setGuestPassword(dir, password);
      // The former one is of no use any more; when somebody is busy with the machine, it goes later.
      await host.locks.tryHold(portalId, async () => {
        const vm = await readVm(host, portalId);
        if (vm && !vm.rescue && !vm.task) await forgetPassword(machineOf(host, vm));
      });
    },
    // Seeds that are written from now on have it.
    rename: ({ portalId }, name) =>
      holdMachine(host, portalId, async ({ vm, save }) => {
        if (vm.name === name) return;
        vm.name = name;
        await save();
      }),
    connectConsole: async ({ portalId }, type) => {
      const dir = host.places.machine(portalId);
      if (!(await readVm(host, portalId))) throw missing();
      if (!(await isRunning({ dir, id: portalId }))) throw invalidState('The machine does not run.');
      return connectSocket(dir, `${type}.sock`, 5000).catch((err: unknown) => {
        throw invalidState(`The console does not answer: ${(err as NodeJS.ErrnoException).code ?? ''}`);
      });
    },
  }) satisfies Partial<ComputeDriver>;

/**
 * Real machines on this host (contract compute §11.5). Nothing is remembered in the process: all that is known of a
 * machine is in its directory, and what it does is asked of QEMU.
 */
export const createQemuDriver = (host: QemuHost): ComputeDriver => {
  let closed = false;
  const isClosed = (): boolean => closed;
  const endWatch = watchMachines(host);
  const actor = createActor(host, isClosed);
  return {
    kind: 'qemu',
    capabilities: capabilitiesOf(host),
    health: async () => {
      try {
        const { accel, cpu } = await host.acceleration();
        const { machines } = await roomOf(host);
        const how = accel === 'kvm' ? 'accelerated: true (KVM' : 'accelerated: false (emulated';
        return { ok: true, detail: `${how}, processor ${cpu}); ${machines.length} machines on ${os.hostname()}` };
      } catch (err) {
        return { ok: false, detail: (err as Error).message };
      }
    },
    hosts: () => hostsOf(host),
    capacity: (flavor) => capacityFor(host, flavor),
    create: createCreator(host, isClosed),
    ...readCalls(host),
    ...powerCalls(host, actor),
    ...modeCalls(host, actor),
    ...snapshotCalls(host),
    ...guestCalls(host),
    ...attachmentCalls(host),
    ...portCalls(host),
    ...counterCalls(host),
    volumes: createVolumeDriver(host),
    close: () => {
      closed = true;
      endWatch();
      return Promise.resolve();
    },
  };
};
