import {
  boolean,
  em,
  instant,
  integer,
  prepared,
  run,
  table,
  text,
  uuid,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';

/** Machines that exist in this table only: what `fake-hardware` switches. */
export const simulatedMachines = table(
  'simulated_machine',
  {
    nodeUuid: uuid(),
    powerState: withDefault(text()),
    bootDevice: withDefault(text()),
    persistent: withDefault(boolean()),
    bootMode: withDefault(text()),
    /** How often it went from off to on. */
    poweredOn: withDefault(integer()),
    /** When the power state is as it says; before, it is the other one. */
    changedAt: withDefault(instant()),
  },
  { primary: ['nodeUuid'] },
);
export type SimulatedMachine = Row<typeof simulatedMachines>;
/** A machine, and whether its power state is still the one before. */
export type SimulatedMachineNow = Pick<SimulatedMachine, 'bootDevice' | 'persistent' | 'bootMode' | 'poweredOn'> & {
  powerState: string;
  isChanging: boolean;
};

export const ensureSimulatedMachine = async (q: Queryable, nodeUuid: string): Promise<void> => {
  await prepared(q, 'insert into simulated_machine (node_uuid) values ($1) on conflict do nothing', [nodeUuid]);
};
/** SQL: compares with the clock of the database. */
export const findSimulatedMachine = async (q: Queryable, nodeUuid: string): Promise<SimulatedMachineNow | undefined> =>
  (
    await prepared<SimulatedMachineNow>(
      q,
      `select power_state "powerState", boot_device "bootDevice", persistent, boot_mode "bootMode",
        powered_on "poweredOn", changed_at > now() "isChanging"
      from simulated_machine where node_uuid = $1`,
      [nodeUuid],
    )
  )[0];
/**
 * Switches a machine that is not so already. SQL: conditional, so that one who is told twice is switched once.
 * @returns the machine when it was switched
 */
export const switchSimulatedMachine = async (
  tx: Tx,
  nodeUuid: string,
  state: string,
  delayMs: number,
): Promise<Pick<SimulatedMachine, 'bootDevice' | 'poweredOn'> | undefined> =>
  (
    await prepared<Pick<SimulatedMachine, 'bootDevice' | 'poweredOn'>>(
      tx,
      `update simulated_machine set power_state = $2, changed_at = now() + make_interval(secs => $3),
        powered_on = powered_on + case when $2 = 'power on' then 1 else 0 end
      where node_uuid = $1 and power_state <> $2 returning boot_device "bootDevice", powered_on "poweredOn"`,
      [nodeUuid, state, delayMs / 1000],
    )
  )[0];
export const setSimulatedBoot = (
  q: Queryable,
  nodeUuid: string,
  changes: Partial<Pick<SimulatedMachine, 'bootDevice' | 'persistent' | 'bootMode'>>,
): Promise<unknown> => em(q).update(simulatedMachines, { nodeUuid }, changes);
/** A device that is for one start only is used up by it. */
export const useUpBootDevice = (tx: Tx, nodeUuid: string): Promise<number> =>
  run(tx, `update simulated_machine set boot_device = 'disk' where node_uuid = $1 and not persistent`, [nodeUuid]);
