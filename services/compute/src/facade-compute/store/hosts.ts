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
/** Which hosts, in the order of their ids. */
export interface HostsAsked {
  limit?: number;
  /** Id of the last one of the page before. */
  after?: string | undefined;
  /** A part of the name. */
  part?: string | undefined;
  /** The whole name. */
  name?: string | undefined;
  region?: string | undefined;
  /** The first and the last id of a range. */
  ids?: readonly [string, string];
}
export const MOST_HOSTS = 1000;
/** SQL: a join. */
export const listHosts = (
  q: Queryable,
  { limit = MOST_HOSTS, after, part, name, region, ids }: HostsAsked,
): Promise<HostRow[]> =>
  sql<HostRow>(
    q,
    `select h.id, h.region_id "regionId", h.host_name "hostName", h.type, h.status, h.state, h.vcpus,
      h.vcpus_used "vcpusUsed", h.memory_mb::float8 "memoryMb", h.memory_mb_used::float8 "memoryMbUsed",
      h.local_gb::float8 "localGb", h.local_gb_used::float8 "localGbUsed", h.running_vms "runningVms",
      s.checked_at "checkedAt"
    from hypervisor h left join region_stock s on s.region_id = h.region_id
    where ($2::uuid is null or h.id > $2) and ($3::text is null or strpos(h.host_name, $3) > 0)
      and ($4::text is null or h.host_name = $4) and ($5::text is null or h.region_id = $5)
      and ($6::uuid is null or h.id between $6 and $7::uuid)
    order by h.id limit $1`,
    [limit, after ?? null, part ?? null, name ?? null, region ?? null, ids?.[0] ?? null, ids?.[1] ?? null],
  );
/** What all hosts have together. */
export type HostSums = { count: number } & Pick<
  HostRow,
  'vcpus' | 'vcpusUsed' | 'memoryMb' | 'memoryMbUsed' | 'localGb' | 'localGbUsed' | 'runningVms'
>;
/** SQL: sums. */
export const sumHosts = async (q: Queryable): Promise<HostSums> =>
  (
    await sql<HostSums>(
      q,
      `select count(*)::int count, coalesce(sum(vcpus), 0)::float8 vcpus, coalesce(sum(vcpus_used), 0)::float8
        "vcpusUsed", coalesce(sum(memory_mb), 0)::float8 "memoryMb", coalesce(sum(memory_mb_used), 0)::float8
        "memoryMbUsed", coalesce(sum(local_gb), 0)::float8 "localGb", coalesce(sum(local_gb_used), 0)::float8
        "localGbUsed", coalesce(sum(running_vms), 0)::float8 "runningVms" from hypervisor`,
    )
  )[0] as HostSums;
