import { sql, type Queryable } from '@nefos/service-kit';
import type { PowerState, TaskState, VmState } from '../../operations/instance-states.js';

/** What decides whether the console of an instance may be open. */
export interface MachineState {
  id: string;
  clientId: number;
  regionId: string;
  vmState: VmState;
  taskState: TaskState | null;
  powerState: PowerState;
  /** Its client is suspended, being suspended or being deleted. */
  clientHeld: boolean;
}
/** Of the instances that are not deleted. SQL: joins; for many consoles at once. */
export const listMachineStates = (q: Queryable, ids: readonly string[]): Promise<MachineState[]> =>
  sql<MachineState>(
    q,
    `select i.id, i.client_id "clientId", i.region_id "regionId", i.vm_state "vmState", i.task_state "taskState",
      i.power_state "powerState", c.hold is not null "clientHeld"
    from instance i join client c on c.id = i.client_id where i.id = any($1::uuid[]) and i.vm_state <> 'deleted'`,
    [ids],
  );
