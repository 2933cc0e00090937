import { columns, prepared, type Queryable } from '@nefos/service-kit';
import { operations, type Instance, type Operation } from '../tables.js';
import { NIC, type NicRow } from '../../networking/nic-sql.js';
import type { TaskState } from '../instance-states.js';

export const OPERATION = [
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
interface Size {
  vcpus: number;
  memoryMb: number;
  rootGb: number;
  ephemeralGb: number;
  swapMb: number;
  backendId?: string | null;
}
/** An operation and what its calls of the driver need. */
export interface OperationWork
  extends
    Pick<Operation, (typeof OPERATION)[number]>,
    Pick<Instance, 'backendId' | 'name' | 'tags' | 'projectId' | 'imageId' | 'hostName'> {
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
  /** Size of the flavor that the instance gets, or had until its resize; null: there is none. */
  target: Size | null;
  /** Of the image in `params.image`, else of the instance's. */
  diskFormat: string | null;
  /** The hypervisor's own id of that image. */
  imageBackendId: string | null;
  /** Whether secrets are stored for the operation. */
  hasSecret: boolean;
  /** Of each port its network, of that the first IPv4 subnet, else the first of IPv6. */
  nics: NicRow[];
  /** The hypervisor's own id of the instance's flavor. */
  flavorBackendId: string | null;
  /** Its volumes, the root disk first. */
  volumes: WorkVolume[];
}
/** A volume that the instance has, or is built with. */
export interface WorkVolume {
  id: string;
  backendId: string | null;
  status: string;
  device: string | null;
  boot: boolean;
}
/** SQL: volumes belong to a later area. */
const VOLUMES = `select coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'backendId', v.backend_id,
    'status', v.status, 'device', a.device, 'boot', a.boot) order by not a.boot, a.created_at, a.id), '[]')
  from volume_attachment a join volume v on v.id = a.volume_id
  where a.instance_id = i.id and a.state in ('reserved', 'attached')`;
/**
 * Begins one slice of work on each operation that has not ended and still owns its instance; moves its next check on.
 * Of many, those whose row is locked are left out: what comes alone waits. SQL: conditional, and everything a slice
 * needs in one statement.
 */
export const beginSlices = async (
  q: Queryable,
  ids: readonly string[],
  checkSeconds: number,
): Promise<(OperationWork | undefined)[]> => {
  const rows = await prepared<OperationWork>(q, ids.length > 1 ? BEGIN.many : BEGIN.one, [ids, checkSeconds]);
  const found = new Map(rows.map((one) => [one.id, one]));
  return ids.map((id) => found.get(id));
};
/**
 * SQL, true of an operation that has not ended. Not in the words of the index over such operations: it would be read
 * from end to end for the few that are named.
 */
export const NOT_ENDED = `status not in ('completed', 'failed', 'canceled')`;
const beginText = (skip: boolean): string => `with locked as materialized (select id from operation
        where id = any($1::uuid[]) order by id for no key update${skip ? ' skip locked' : ''}),
      o as (update operation
        set status = 'running', started_at = coalesce(started_at, now()), next_check_at = now() + $2 * interval '1 s'
        where id in (select id from locked) and ${NOT_ENDED} and object_type = 'instance'
          and (select i.operation_id = operation.id and i.task_state is not null from instance i
            where i.id = instance_id)
        returning *)
      select ${columns(operations, 'o', OPERATION)}, i.region_id region, o.deadline_at < now() overdue,
        extract(epoch from now() - o.created_at)::float8 * 1000 "ageMs",
        i.backend_id "backendId", i.task_state "taskState", i.name, i.tags, i.project_id "projectId",
        i.image_id "imageId", i.host_name "hostName", m.disk_format "diskFormat", m.backend_id "imageBackendId",
        exists (select 1 from operation_secret x where x.operation_id = o.id) "hasSecret",
        case when t.id is not null then jsonb_build_object('vcpus', t.vcpus, 'memoryMb', t.memory_mb,
          'rootGb', t.root_gb, 'ephemeralGb', t.ephemeral_gb, 'swapMb', t.swap_mb,
          'backendId', t.backend_id) end target,
        f.vcpus, f.memory_mb "memoryMb", f.root_gb "rootGb", f.ephemeral_gb "ephemeralGb",
        f.swap_mb "swapMb", f.backend_id "flavorBackendId",
        (select coalesce(jsonb_agg(${NIC} order by p.position, p.id), '[]')
          from port p join network n on n.id = p.network_id where p.instance_id = i.id) nics,
        (${VOLUMES}) volumes
      from o join instance i on i.id = o.instance_id join flavor f on f.id = i.flavor_id
        left join flavor t on t.id = i.other_flavor_id
        left join image m on m.id = coalesce((o.params ->> 'image')::uuid, i.image_id)`;
const BEGIN = { one: beginText(false), many: beginText(true) };
