import { columns, sql, type Queryable } from '@nefos/service-kit';
import { operations, type Instance, type Operation } from '../tables.js';
import type { TaskState } from '../instance-states.js';

const OPERATION = [
  'id',
  'action',
  'instanceId',
  'previousState',
  'steps',
  'called',
  'attempts',
  'requestId',
  'params',
] as const;
/** An operation and what its calls of the driver need. */
export interface OperationWork
  extends
    Pick<Operation, (typeof OPERATION)[number]>,
    Pick<Instance, 'backendId' | 'name' | 'tags' | 'projectId' | 'imageId'> {
  taskState: TaskState;
  region: string;
  /** Whether its deadline has passed. */
  overdue: boolean;
  ageMs: number;
  vcpus: number;
  memoryMb: number;
  rootGb: number;
  ephemeralGb: number;
  swapMb: number;
  nics: { networkId: string; networkName: string; cidr: string | null; networkBackendId: string | null }[];
  /** The hypervisor's own ids. */
  flavorBackendId: string | null;
  imageBackendId: string | null;
}
/**
 * Begins one slice of work on an operation that has not ended and still owns its instance; moves its next check on.
 * SQL: conditional, and everything a slice needs in one statement.
 */
export const beginSlice = async (q: Queryable, id: string, checkSeconds: number): Promise<OperationWork | undefined> =>
  (
    await sql<OperationWork>(
      q,
      `with o as (update operation
        set status = 'running', started_at = coalesce(started_at, now()), next_check_at = now() + $2 * interval '1 s'
        where id = $1 and status in ('pending', 'running') and exists (
          select 1 from instance i where i.id = instance_id and i.operation_id = $1 and i.task_state is not null)
        returning *)
      select ${columns(operations, 'o', OPERATION)}, i.region_id region, o.deadline_at < now() overdue,
        extract(epoch from now() - o.created_at)::float8 * 1000 "ageMs",
        i.backend_id "backendId", i.task_state "taskState", i.name, i.tags, i.project_id "projectId",
        i.image_id "imageId", f.vcpus, f.memory_mb "memoryMb", f.root_gb "rootGb", f.ephemeral_gb "ephemeralGb",
        f.swap_mb "swapMb", f.backend_id "flavorBackendId",
        (select m.backend_id from image m where m.id = i.image_id) "imageBackendId",
        (select coalesce(jsonb_agg(jsonb_build_object('networkId', n.id, 'networkName', n.name,
            'networkBackendId', n.backend_id, 'cidr',
            (select text(s.cidr) from subnet s where s.network_id = n.id order by s.id limit 1)) order by w.position),
            '[]')
          from unnest(i.networks) with ordinality w(id, position) join network n on n.id = w.id) nics
      from o join instance i on i.id = o.instance_id join flavor f on f.id = i.flavor_id`,
      [id, checkSeconds],
    )
  )[0];
