import type { Db } from '@nefos/service-kit';
import { DriverError, type PowerState, type Ref } from '../driver.js';
import { readFaults, type SimFaults } from './sim-faults.js';
import { countFailure, findMachine, lockMachine, startChange } from './sim-machines.js';

export const RUNNING = 1;
export const PAUSED = 3;
export const SHUTDOWN = 4;
export const CRASHED = 6;
export const SUSPENDED = 7;
export const EVERY_STATE: readonly PowerState[] = [0, RUNNING, PAUSED, SHUTDOWN, CRASHED, SUSPENDED];
/** OpenStack's words for the power states. */
export const STATUS: Readonly<Record<PowerState, string>> = {
  0: 'BUILD',
  1: 'ACTIVE',
  3: 'PAUSED',
  4: 'SHUTOFF',
  6: 'CRASHED',
  7: 'SUSPENDED',
};

export const missing = (): DriverError => new DriverError('NOT_FOUND', 'The machine does not exist.');

/** Lets a call fail as often as the machine's name or tags ask for. @throws DriverError INTERNAL */
export const failOnDemand = async (
  db: Db,
  portalId: string,
  call: string,
  { name, tags }: { name: string; tags: readonly string[] },
): Promise<void> => {
  const times = readFaults(name, tags).fail.get(call);
  if (times === undefined) return;
  const failures = await countFailure(db, portalId, call);
  // A limited number of failures ends when the call is repeated.
  if (failures <= times)
    throw new DriverError('INTERNAL', `Simulated failure of ${call}.`, { retryable: times !== Infinity });
};

/** A change of a machine's power state. */
export interface PowerChange {
  task: string;
  target: PowerState;
  /** States from which it is possible. */
  from: readonly PowerState[];
  /** Name of the call in `sim:fail=`; absent: the task. */
  call?: string;
  /** 1 when it boots the guest. */
  boots?: number;
  /** How long it takes; absent: the latency. */
  ms?: (faults: SimFaults) => number;
  /** Also when the machine is in the target state already. */
  always?: boolean;
}
/** Starts changes of machines. @throws DriverError NOT_FOUND, INVALID_STATE, INTERNAL */
export type Changer = (ref: Ref, change: PowerChange) => Promise<void>;
export const createChanger =
  (db: Db, latency: (faults: SimFaults) => number): Changer =>
  async ({ portalId }, { task, target, from, call = task, boots = 0, ms = latency, always = false }) => {
    const found = await findMachine(db, portalId);
    if (!found) throw missing();
    await failOnDemand(db, portalId, call, found);
    await db.transaction(async (tx) => {
      const machine = await lockMachine(tx, portalId);
      if (!machine) throw missing();
      if (machine.task === task || (machine.task === null && machine.powerState === target && !always)) return;
      if (!from.includes(machine.powerState))
        throw new DriverError('INVALID_STATE', `The machine is ${STATUS[machine.powerState].toLowerCase()}.`, {
          retryable: machine.task !== null,
        });
      const faults = readFaults(machine.name, machine.tags);
      const crashAfterSeconds = target === RUNNING ? faults.crashAfterSeconds : null;
      await startChange(tx, portalId, {
        task,
        target,
        ms: ms(faults),
        boots,
        mode: machine.mode,
        host: null,
        crashAfterSeconds,
      });
    });
  };
