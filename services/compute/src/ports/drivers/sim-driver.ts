import { createHash, randomUUID } from 'node:crypto';
import type { Db, Tx } from '@nefos/service-kit';
import {
  DriverError,
  type Address,
  type ComputeDriver,
  type DriverAction,
  type InstanceSpec,
  type InstanceView,
  type Ref,
} from '../driver.js';
import { readFaults } from './sim-faults.js';
import * as machines from './sim-machines.js';

export interface SimOptions {
  region: string;
  /** Bounds of the time that a change takes. */
  latencyMs: { min: number; max: number };
  /** In the order in which they are filled. */
  hosts: readonly string[];
  hostMemoryMb: number;
}
const ACTIONS = new Set<DriverAction>([
  'create',
  'delete',
  'start',
  'stop',
  'reboot',
  'pause',
  'unpause',
  'suspend',
  'resume',
  'console_log',
]);
const STATUS: Record<number, string> = {
  0: 'BUILD',
  1: 'ACTIVE',
  3: 'PAUSED',
  4: 'SHUTOFF',
  6: 'CRASHED',
  7: 'SUSPENDED',
};
const RUNNING = 1;
const PAUSED = 3;
const SHUTDOWN = 4;
const SUSPENDED = 7;

const viewOf = (m: machines.Machine): InstanceView => ({
  ref: { portalId: m.portal_id, backendId: m.backend_id },
  powerState: m.power_state,
  backendStatus: STATUS[m.power_state] ?? 'UNKNOWN',
  host: m.host,
  addresses: m.addresses,
  ...(m.task !== null && { taskHint: m.task }),
});
/** A locally administered address that follows from the machine and the place of the interface. */
const macOf = (portalId: string, index: number): string =>
  `fa:16:3e:${(createHash('sha256').update(`${portalId}/${index}`).digest('hex').slice(0, 6).match(/../g) as string[]).join(':')}`;

/**
 * Machines that exist in PostgreSQL only: they take time, survive restarts, fail on demand (contract compute §11.3).
 * The connection is the hypervisor's, not the portal's: no transaction of the portal is open during a call.
 */
export const createSimDriver = (db: Db, { region, latencyMs, hosts, hostMemoryMb }: SimOptions): ComputeDriver => {
  const latency = ({ delayMs }: { delayMs: number | null }): number =>
    delayMs ?? latencyMs.min + Math.random() * (latencyMs.max - latencyMs.min);
  const failWhenAsked = async (
    portalId: string,
    call: string,
    { name, tags }: { name: string; tags: readonly string[] },
  ): Promise<void> => {
    const times = readFaults(name, tags).fail.get(call);
    if (times === undefined) return;
    const failures = await machines.countFailure(db, portalId, call);
    // A failure that is to pass is one that a repetition heals.
    if (failures <= times)
      throw new DriverError('INTERNAL', `Simulated failure of ${call}.`, { retryable: times !== Infinity });
  };
  interface Wish {
    task: string;
    target: number;
    from: readonly number[];
    fault?: string;
    boots?: number;
    ms?: (faults: ReturnType<typeof readFaults>) => number;
    always?: boolean;
  }
  const change = async (
    { portalId }: Ref,
    { task, target, from, fault = task, boots = 0, ms = latency, always = false }: Wish,
  ): Promise<void> => {
    const known = await machines.findMachine(db, portalId);
    if (!known) throw new DriverError('NOT_FOUND', 'The machine does not exist.');
    await failWhenAsked(portalId, fault, known);
    await db.transaction(async (tx) => {
      const machine = await machines.lockMachine(tx, portalId);
      if (!machine) throw new DriverError('NOT_FOUND', 'The machine does not exist.');
      if (machine.task === task || (machine.task === null && machine.power_state === target && !always)) return;
      if (!from.includes(machine.power_state))
        throw new DriverError('INVALID_STATE', `The machine is ${STATUS[machine.power_state]?.toLowerCase()}.`, {
          retryable: machine.task !== null,
        });
      const faults = readFaults(machine.name, machine.tags);
      await machines.startChange(tx, portalId, {
        task,
        target,
        ms: ms(faults),
        boots,
        crashAfterSeconds: target === RUNNING ? faults.crashAfterSeconds : null,
      });
    });
  };
  /** What `find` finds, if need be after what destroyed machines had is given back, at which nobody has looked since. */
  const withRoom = async <T>(tx: Tx, find: () => Promise<T | undefined>): Promise<T | undefined> => {
    const found = await find();
    if (found !== undefined) return found;
    await machines.clearDestroyed(tx, { region, portalId: null });
    return find();
  };
  const addressesFor = async (tx: Tx, spec: InstanceSpec): Promise<Address[]> => {
    const out: Address[] = [];
    for (const [index, nic] of spec.nics.entries()) {
      if (nic.cidr === null) continue;
      const { networkId, cidr } = nic;
      const addr = await withRoom(tx, () => machines.takeAddress(tx, spec.portalId, networkId, cidr));
      if (addr === undefined)
        throw new DriverError('NO_CAPACITY', `No more IP addresses available on network ${nic.networkId}.`);
      out.push({ network: nic.networkName, version: 4, addr, mac: macOf(spec.portalId, index), type: 'fixed' });
    }
    return out;
  };
  return {
    kind: 'sim',
    // Everything the original offers is offered here; what no driver can do yet is refused when it is asked for.
    capabilities: { actions: ACTIONS, offers: () => true },
    health: async () => Promise.resolve({ ok: true }),
    capacity: (flavor) => machines.roomFor(db, hosts, hostMemoryMb, flavor.memoryMb),
    create: async (spec) => {
      const there = await machines.findMachine(db, spec.portalId);
      if (there) return { portalId: spec.portalId, backendId: there.backend_id };
      const faults = readFaults(spec.name, spec.tags);
      if (faults.noCapacity) throw new DriverError('NO_CAPACITY', 'No valid host was found.');
      await failWhenAsked(spec.portalId, 'spawn', spec);
      return db.transaction(async (tx) => {
        await machines.lockRegion(tx, region);
        const twin = await machines.lockMachine(tx, spec.portalId);
        if (twin) return { portalId: spec.portalId, backendId: twin.backend_id };
        const host = await withRoom(tx, () => machines.pickHost(tx, hosts, hostMemoryMb, spec.flavor.memoryMb));
        if (host === undefined) throw new DriverError('NO_CAPACITY', 'No valid host was found.');
        const backendId = randomUUID();
        await machines.insertMachine(tx, spec, {
          backendId,
          host,
          ms: latency(faults),
          crashAfterSeconds: faults.crashAfterSeconds,
        });
        await machines.writeAddresses(tx, spec.portalId, await addressesFor(tx, spec));
        return { portalId: spec.portalId, backendId };
      });
    },
    get: async ({ portalId }) => {
      const found = await machines.findMachine(db, portalId);
      if (!found) await machines.clearDestroyed(db, { region, portalId });
      return found ? viewOf(found) : null;
    },
    list: async ({ after, limit }) => {
      if (after === null) await machines.clearDestroyed(db, { region, portalId: null });
      return (await machines.listMachines(db, region, after, limit)).map(viewOf);
    },
    destroy: async (ref) => {
      try {
        await change(ref, { task: 'deleting', target: 0, from: [0, 1, 3, 4, 6, 7], fault: 'delete', always: true });
      } catch (err) {
        if (!(err instanceof DriverError) || err.code !== 'NOT_FOUND') throw err;
      }
    },
    start: (ref) =>
      change(ref, { task: 'starting', target: RUNNING, from: [SHUTDOWN, 6, 0], fault: 'start', boots: 1 }),
    stop: (ref, { graceSeconds }) =>
      change(ref, {
        task: 'stopping',
        target: SHUTDOWN,
        from: [RUNNING, PAUSED, SUSPENDED, 6, 0],
        fault: 'stop',
        ms: (faults) => (faults.ignoresAcpi ? graceSeconds * 1000 : latency(faults)),
      }),
    reboot: (ref, { type, graceSeconds }) =>
      change(ref, {
        task: 'rebooting',
        target: RUNNING,
        from: type === 'SOFT' ? [RUNNING] : [0, RUNNING, PAUSED, SHUTDOWN, 6, SUSPENDED],
        fault: 'reboot',
        boots: 1,
        always: true,
        ms: (faults) => (type === 'SOFT' && faults.ignoresAcpi ? graceSeconds * 1000 : latency(faults)),
      }),
    pause: (ref) => change(ref, { task: 'pausing', target: PAUSED, from: [RUNNING], fault: 'pause' }),
    unpause: (ref) => change(ref, { task: 'unpausing', target: RUNNING, from: [PAUSED], fault: 'unpause' }),
    suspend: (ref) => change(ref, { task: 'suspending', target: SUSPENDED, from: [RUNNING], fault: 'suspend' }),
    resume: (ref) => change(ref, { task: 'resuming', target: RUNNING, from: [SUSPENDED], fault: 'resume' }),
    consoleLog: async ({ portalId }, lines) => {
      const machine = await machines.findMachine(db, portalId);
      if (!machine) throw new DriverError('NOT_FOUND', 'The machine does not exist.');
      const log = Array.from({ length: machine.boots }, (_, boot) => [
        `[    0.000000] Linux version 5.10 (simulated), boot ${boot + 1}`,
        `[    0.412000] virtio_net: ${machine.addresses.map((a) => a.addr).join(', ') || 'no address'}`,
        `${machine.name} login:`,
      ])
        .slice(-200)
        .flat();
      return `${log.slice(-lines).join('\n')}\n`;
    },
    powerOffFromInside: (ref) =>
      db.transaction(async (tx) => {
        if (!(await machines.lockMachine(tx, ref.portalId)))
          throw new DriverError('NOT_FOUND', 'The machine does not exist.');
        await machines.switchOff(tx, ref.portalId);
      }),
  };
};
