import { together, type Db } from '@nefos/service-kit';
import {
  BASIC_ACTIONS,
  CREATE_FIELDS,
  DriverError,
  type AttachedVolume,
  type Capabilities,
  type ComputeDriver,
  type DriverAction,
  type InstanceView,
  type Ref,
} from '../driver.js';
import { createBuilder } from './sim-builds.js';
import { counterCalls } from './sim-counters.js';
import {
  createChanger,
  CRASHED,
  EVERY_STATE,
  missing,
  PAUSED,
  RUNNING,
  SHUTDOWN,
  STATUS,
  SUSPENDED,
  type Changer,
} from './sim-changes.js';
import type { SimFaults } from './sim-faults.js';
import {
  clearDestroyed,
  findMachines,
  listMachines,
  lockMachine,
  renameMachine,
  switchOff,
  type Machine,
} from './sim-machines.js';
import { foreignCalls } from './sim-foreign.js';
import { consoleCalls } from './sim-consoles.js';
import { imageCalls } from './sim-images.js';
import { portCalls, simNetworks } from './sim-networks.js';
import { modeCalls } from './sim-resizes.js';
import { hostsOf, roomFor } from './sim-room.js';
import { attachmentCalls, volumeDriver } from './sim-volumes.js';
import { attachedToEach } from './sim-volume-rows.js';

export interface SimOptions {
  region: string;
  /** Bounds of the time that a change takes. */
  latencyMs: { min: number; max: number };
  /** In the order in which they are filled. */
  hosts: readonly string[];
  hostMemoryMb: number;
}
const ACTIONS = new Set<DriverAction>([
  ...BASIC_ACTIONS,
  'adopt',
  'resize',
  'rescue',
  'boot_from_iso',
  'rebuild',
  'snapshot',
  'change_password',
  'migrate',
  'live_migrate',
  'shelve',
  'attach_port',
  'console',
  'rename',
  'move',
  'counters',
  'attach_volume',
]);
/** Everything that the original offers is offered; what no driver can do yet is refused when it is asked for. */
export const SIM_CAPABILITIES: Capabilities = {
  actions: ACTIONS,
  createFields: new Set(CREATE_FIELDS),
  offers: () => true,
};

const viewOf = (machine: Machine, volumes?: readonly AttachedVolume[]): InstanceView => ({
  ...(volumes && { volumes }),
  ref: { portalId: machine.portalId, backendId: machine.backendId },
  powerState: machine.powerState,
  backendStatus: STATUS[machine.powerState],
  name: machine.name,
  ...(machine.host !== '' && { host: machine.host }),
  ...(machine.mode !== null && { mode: machine.mode }),
  addresses: machine.addresses,
  ...(machine.task !== null && { taskHint: machine.task }),
});

/** The calls that change the power state. */
const powerCalls = (change: Changer, latency: (faults: SimFaults) => number) =>
  ({
    start: (ref) =>
      change(ref, { task: 'starting', target: RUNNING, from: [SHUTDOWN, CRASHED, 0], call: 'start', boots: 1 }),
    stop: (ref, { graceSeconds }) =>
      change(ref, {
        task: 'stopping',
        target: SHUTDOWN,
        from: [RUNNING, PAUSED, SUSPENDED, CRASHED, 0],
        call: 'stop',
        ms: (faults) => (faults.ignoresAcpi ? graceSeconds * 1000 : latency(faults)),
      }),
    reboot: (ref, { type, graceSeconds }) =>
      change(ref, {
        task: 'rebooting',
        target: RUNNING,
        from: type === 'SOFT' ? [RUNNING] : EVERY_STATE,
        call: 'reboot',
        boots: 1,
        always: true,
        ms: (faults) => (type === 'SOFT' && faults.ignoresAcpi ? graceSeconds * 1000 : latency(faults)),
      }),
    pause: (ref) => change(ref, { task: 'pausing', target: PAUSED, from: [RUNNING], call: 'pause' }),
    unpause: (ref) => change(ref, { task: 'unpausing', target: RUNNING, from: [PAUSED], call: 'unpause' }),
    suspend: (ref) => change(ref, { task: 'suspending', target: SUSPENDED, from: [RUNNING], call: 'suspend' }),
    resume: (ref) => change(ref, { task: 'resuming', target: RUNNING, from: [SUSPENDED], call: 'resume' }),
    destroy: async (ref) => {
      try {
        await change(ref, { task: 'deleting', target: 0, from: EVERY_STATE, call: 'delete', always: true });
      } catch (err) {
        if (!(err instanceof DriverError) || err.code !== 'NOT_FOUND') throw err;
      }
    },
  }) satisfies Partial<ComputeDriver>;

/** The calls that read machines. */
const readCalls = (db: Db, region: string) => {
  const find = together((ids: readonly string[]) => findMachines(db, ids));
  const attached = together((ids: readonly string[]) => attachedToEach(db, ids));
  return {
    get: async ({ portalId }) => {
      const found = await find(portalId);
      if (!found) await clearDestroyed(db, { region, portalId });
      return found ? viewOf(found, await attached(portalId)) : null;
    },
    list: async ({ after, limit }) => {
      if (after === null) await clearDestroyed(db, { region, portalId: null });
      return (await listMachines(db, region, after, limit)).map((one) => viewOf(one));
    },
  } satisfies Partial<ComputeDriver>;
};

/**
 * Machines that exist in PostgreSQL only: their changes take time, they survive restarts and fail on demand (contract
 * compute §11.3).
 * @param db the hypervisor's own connections: no transaction of the portal is open during a call
 */
export const createSimDriver = (db: Db, { region, latencyMs, hosts, hostMemoryMb }: SimOptions): ComputeDriver => {
  const latency = ({ delayMs }: SimFaults): number =>
    delayMs ?? latencyMs.min + Math.random() * (latencyMs.max - latencyMs.min);
  const build = createBuilder(db, { region, hosts, hostMemoryMb, latency });
  return {
    kind: 'sim',
    capabilities: SIM_CAPABILITIES,
    health: async () => Promise.resolve({ ok: true }),
    hosts: () => hostsOf(db, hosts, hostMemoryMb),
    capacity: (flavor) => roomFor(db, hosts, hostMemoryMb, flavor.memoryMb),
    create: build,
    ...foreignCalls(db, region, build),
    ...readCalls(db, region),
    ...consoleCalls(db),
    ...powerCalls(createChanger(db, latency), latency),
    ...modeCalls(db, { region, hosts, hostMemoryMb, latency }),
    ...imageCalls(db, latency),
    ...counterCalls(db, region),
    ...portCalls(db),
    networks: simNetworks(db, region),
    ...attachmentCalls(db),
    volumes: volumeDriver(db, { region, latency }),
    rename: async ({ portalId }, name) => {
      if (!(await renameMachine(db, portalId, name))) throw missing();
    },
    powerOffFromInside: (ref: Ref) =>
      db.transaction(async (tx) => {
        if (!(await lockMachine(tx, ref.portalId))) throw missing();
        await switchOff(tx, ref.portalId);
      }),
  };
};
