import { sql, type Queryable } from '@nefos/service-kit';

/** A host as its driver told of it last. */
export interface HostRow {
  id: string;
  regionId: string;
  hostName: string;
  type: string;
  status: string;
  state: string;
  vcpus: number;
  vcpusUsed: number;
  memoryMb: number;
  memoryMbUsed: number;
  localGb: number;
  localGbUsed: number;
  runningVms: number;
  checkedAt: string | null;
}
/** SQL: a join. @param after id of the last one of the page before */
export const listHosts = (
  q: Queryable,
  { limit, after, name }: { limit: number; after: string | null; name: string | null },
): Promise<HostRow[]> =>
  sql<HostRow>(
    q,
    `select h.id, h.region_id "regionId", h.host_name "hostName", h.type, h.status, h.state, h.vcpus,
      h.vcpus_used "vcpusUsed", h.memory_mb::float8 "memoryMb", h.memory_mb_used::float8 "memoryMbUsed",
      h.local_gb::float8 "localGb", h.local_gb_used::float8 "localGbUsed", h.running_vms "runningVms",
      s.checked_at "checkedAt"
    from hypervisor h left join region_stock s on s.region_id = h.region_id
    where ($2::uuid is null or h.id > $2) and ($3::text is null or strpos(h.host_name, $3) > 0)
    order by h.id limit $1`,
    [limit, after, name],
  );
