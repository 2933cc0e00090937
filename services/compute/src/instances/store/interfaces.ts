import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { NIC, type NicRow } from '../../networking/nic-sql.js';
import type { Instance, Operation } from '../../operations/tables.js';
import type { InterfaceAction } from '../../operations/transitions.js';

export type Placement = Pick<Instance, 'projectId'>;
export const findPlacement = async (q: Queryable, id: string): Promise<Placement> =>
  (await sql<Placement>(q, 'select project_id "projectId" from instance where id = $1', [id]))[0] ?? { projectId: '' };

/** A change of a machine's interfaces, and what its calls of the driver need. */
export interface InterfaceWork extends Pick<Operation, 'id' | 'instanceId' | 'steps' | 'attempts' | 'requestId'> {
  action: InterfaceAction;
  region: string;
  backendId: string | null;
  portId: string;
  overdue: boolean;
  /** A port that could not be attached is being taken back. */
  undo: boolean;
  /** Why the last attempt failed. */
  error: Operation['error'];
  /** Null: the port is gone, or is not the instance's any more. */
  nic: NicRow | null;
}
/** Counts the attempt. SQL: conditional, and everything that it needs in one statement. */
export const beginInterface = async (
  q: Queryable,
  id: string,
  checkSeconds: number,
): Promise<InterfaceWork | undefined> =>
  (
    await sql<InterfaceWork>(
      q,
      `with o as (update operation set status = 'running', started_at = coalesce(started_at, now()),
          attempts = attempts + 1, next_check_at = now() + $2 * interval '1 s'
        where id = $1 and status in ('pending', 'running') returning *)
      select o.id, o.instance_id "instanceId", o.action, o.steps, o.attempts, o.request_id "requestId",
        i.region_id region, i.backend_id "backendId", o.params ->> 'port' "portId", o.deadline_at < now() overdue,
        o.error, o.action = 'addPort' and exists (select from port p where p.id = (o.params ->> 'port')::uuid
          and p.instance_id = i.id and p.change = 'detaching') undo,
        (select ${NIC} from port p join network n on n.id = p.network_id
          where p.id = (o.params ->> 'port')::uuid and p.instance_id = i.id) nic
      from o join instance i on i.id = o.instance_id`,
      [id, checkSeconds],
    )
  )[0];
/** Locks the operation while its end is written. @returns whether it still goes on. SQL: conditional. */
export const lockRunning = async (tx: Tx, id: string): Promise<boolean> =>
  (await sql(tx, `select from operation where id = $1 and status = 'running' for update`, [id])).length > 0;
/** The row of the instance is locked: other changes of its network wait. */
export const lockInstanceRow = async (tx: Tx, id: string): Promise<void> => {
  await run(tx, 'select from instance where id = $1 for update', [id]);
};
