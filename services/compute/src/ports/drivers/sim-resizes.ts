import type { Db, Tx } from '@nefos/service-kit';
import { DriverError, type ComputeDriver, type MachineMode, type PowerState, type Ref } from '../driver.js';
import { failOnDemand, missing, RUNNING, SHUTDOWN, STATUS } from './sim-changes.js';
import { readFaults, type SimFaults } from './sim-faults.js';
import {
  cancelChange,
  findMachine,
  lockMachine,
  startChange,
  writeRebuild,
  writeSize,
  type Machine,
} from './sim-machines.js';
import { lockRegion, pickHost } from './sim-room.js';

export interface ModeOptions {
  region: string;
  hosts: readonly string[];
  hostMemoryMb: number;
  latency: (faults: SimFaults) => number;
}
/** What a change makes of a machine; null: it is as wanted already. */
interface Begun {
  task: string;
  target?: PowerState;
  boots?: number;
  mode?: MachineMode | null;
  host?: string | null;
}
/** Decides under the locks of region and machine. @throws DriverError */
type Decide = (tx: Tx, machine: Machine) => Promise<Begun | null> | Begun | null;

const refused = (machine: Machine): DriverError =>
  new DriverError('INVALID_STATE', `The machine is ${machine.mode ?? STATUS[machine.powerState].toLowerCase()}.`, {
    retryable: machine.task !== null,
  });
const sizeOf = ({ vcpus, memoryMb, rootGb }: Machine) => ({ vcpus, memoryMb, rootGb });

/** Begins changes of mode, size and host. @throws DriverError NOT_FOUND, INVALID_STATE, NO_CAPACITY, INTERNAL */
const createBeginner =
  (db: Db, { region, latency }: ModeOptions) =>
  async ({ portalId }: Ref, call: string, task: string, decide: Decide): Promise<void> => {
    const found = await findMachine(db, portalId);
    if (!found) throw missing();
    await failOnDemand(db, portalId, call, found);
    await db.transaction(async (tx) => {
      await lockRegion(tx, region);
      const machine = await lockMachine(tx, portalId);
      if (!machine) throw missing();
      if (machine.task === task) return;
      if (machine.task !== null) throw refused(machine);
      const begun = await decide(tx, machine);
      if (!begun) return;
      const faults = readFaults(machine.name, machine.tags);
      await startChange(tx, portalId, {
        task,
        target: begun.target ?? machine.powerState,
        ms: latency(faults),
        boots: begun.boots ?? 0,
        mode: begun.mode === undefined ? machine.mode : begun.mode,
        host: begun.host ?? null,
        crashAfterSeconds: null,
      });
    });
  };

/** The calls that change a machine's size, host or mode. */
export const modeCalls = (db: Db, options: ModeOptions) => {
  const begin = createBeginner(db, options);
  const { hosts, hostMemoryMb } = options;
  /** Another host with room; the one that is asked for, if there is one. @throws DriverError */
  const otherHost = async (tx: Tx, machine: Machine, wanted: string | null): Promise<string> => {
    if (wanted !== null && !hosts.includes(wanted))
      throw new DriverError('INVALID_REQUEST', `Compute host ${wanted} could not be found.`);
    const candidates = wanted === null ? hosts.filter((one) => one !== machine.host) : [wanted];
    const host = wanted === machine.host ? undefined : await pickHost(tx, candidates, hostMemoryMb, machine.memoryMb);
    if (host === undefined) throw new DriverError('NO_CAPACITY', 'No valid host was found.');
    return host;
  };
  const atRest = (machine: Machine): boolean =>
    machine.mode === null && (machine.powerState === RUNNING || machine.powerState === SHUTDOWN);
  const boots = ({ powerState }: Machine): number => (powerState === RUNNING ? 1 : 0);

  return {
    resize: (ref, flavor) =>
      begin(ref, 'resize', 'resizing', async (tx, machine) => {
        const { vcpus, memoryMb, rootGb } = flavor;
        const same = machine.vcpus === vcpus && machine.memoryMb === memoryMb && machine.rootGb === rootGb;
        if (machine.mode === 'resized' && same) return null;
        if (!atRest(machine)) throw refused(machine);
        const host = await pickHost(tx, [machine.host, ...hosts], hostMemoryMb, memoryMb);
        if (host === undefined) throw new DriverError('NO_CAPACITY', 'No valid host was found.');
        const former = { ...sizeOf(machine), host: machine.host };
        await writeSize(tx, ref.portalId, { vcpus, memoryMb, rootGb, former });
        return { task: 'resizing', mode: 'resized', host, boots: boots(machine) };
      }),
    confirmResize: (ref) =>
      begin(ref, 'confirm', 'confirming', async (tx, machine) => {
        if (machine.mode !== 'resized') return null;
        await writeSize(tx, ref.portalId, { ...sizeOf(machine), former: null });
        return { task: 'confirming', mode: null };
      }),
    revertResize: (ref) =>
      begin(ref, 'revert', 'reverting', async (tx, machine) => {
        if (machine.mode !== 'resized') return null;
        const former = machine.former ?? { ...sizeOf(machine), host: machine.host };
        await writeSize(tx, ref.portalId, { ...former, former: null });
        return { task: 'reverting', mode: null, host: former.host, boots: boots(machine) };
      }),
    migrate: (ref, { live, host: wanted }) =>
      begin(ref, 'migrate', 'migrating', async (tx, machine) => {
        if (!live && machine.mode === 'resized') return null;
        if (live && machine.host === wanted) return null;
        if (live ? machine.mode !== null : !atRest(machine)) throw refused(machine);
        const host = await otherHost(tx, machine, wanted);
        if (live) return { task: 'migrating', host };
        await writeSize(tx, ref.portalId, { ...sizeOf(machine), former: { ...sizeOf(machine), host: machine.host } });
        return { task: 'migrating', mode: 'resized', host, boots: boots(machine) };
      }),
    abortMigration: async ({ portalId }) => {
      const found = await findMachine(db, portalId);
      if (!found) throw missing();
      await failOnDemand(db, portalId, 'abort', found);
      await db.transaction(async (tx) => {
        const machine = await lockMachine(tx, portalId);
        if (!machine) throw missing();
        if (machine.task === 'migrating') await cancelChange(tx, portalId);
      });
    },
    rescue: (ref, { iso }) =>
      begin(ref, iso ? 'iso' : 'rescue', 'rescuing', (_tx, machine) =>
        machine.mode === 'rescued' ? null : { task: 'rescuing', target: RUNNING, boots: 1, mode: 'rescued' },
      ),
    unrescue: (ref) =>
      begin(ref, 'unrescue', 'unrescuing', (_tx, machine) =>
        machine.mode === null && machine.powerState === RUNNING
          ? null
          : { task: 'unrescuing', target: RUNNING, boots: 1, mode: null },
      ),
    rebuild: (ref, { key, name, guest }) =>
      begin(ref, 'rebuild', 'rebuilding', async (tx, machine) => {
        if (machine.rebuildKey === key) return null;
        await writeRebuild(tx, ref.portalId, { key, name, guest });
        const off = machine.powerState === SHUTDOWN;
        return { task: 'rebuilding', target: off ? SHUTDOWN : RUNNING, boots: off ? 0 : 1, mode: null };
      }),
    setPassword: async (ref) => {
      const machine = await findMachine(db, ref.portalId);
      if (!machine) throw missing();
      await failOnDemand(db, ref.portalId, 'password', machine);
      if (machine.powerState !== RUNNING) throw refused(machine);
    },
    shelve: (ref) =>
      begin(ref, 'shelve', 'shelving', (_tx, machine) =>
        machine.mode === 'shelved' ? null : { task: 'shelving', target: SHUTDOWN, mode: 'shelved', host: '' },
      ),
    unshelve: (ref) =>
      begin(ref, 'unshelve', 'unshelving', async (tx, machine) => {
        if (machine.mode !== 'shelved') return null;
        const host = await pickHost(tx, hosts, hostMemoryMb, machine.memoryMb);
        if (host === undefined) throw new DriverError('NO_CAPACITY', 'No valid host was found.');
        return { task: 'unshelving', target: RUNNING, boots: 1, mode: null, host };
      }),
  } satisfies Partial<ComputeDriver>;
};
