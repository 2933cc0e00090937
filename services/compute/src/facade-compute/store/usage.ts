import { sql, type Queryable } from '@nefos/service-kit';

/** What one server has used in a period. Instants as the database has them. */
export interface ServerUsageRow {
  id: string;
  name: string;
  flavor: string | null;
  vcpus: number;
  memoryMb: number;
  localGb: number;
  hours: number;
  uptime: number;
  startedAt: string;
  endedAt: string | null;
  vmState: string;
}
export interface ProjectUsageRow {
  projectId: string;
  hours: number;
  memoryMb: number;
  vcpus: number;
  localGb: number;
}
/** Hours of an instance within the period from $1 to $2. */
const HOURS = `(extract(epoch from least(coalesce(i.terminated_at, now()), $2::timestamptz)
    - greatest(i.launched_at, $1::timestamptz)) / 3600)::float8`;
const WITHIN = `i.launched_at < $2::timestamptz and coalesce(i.terminated_at, now()) > $1::timestamptz`;
const SIZES = `coalesce(f.vcpus, 0) vcpus, coalesce(f.memory_mb, 0) "memoryMb",
  coalesce(f.root_gb + f.ephemeral_gb, 0) "localGb"`;

/** Servers of a project that ran in the period, by id. SQL: computed. @param after id of the last one before */
export const listServerUsage = (
  q: Queryable,
  {
    from,
    to,
    projectId,
    after,
    limit,
  }: { from: string; to: string; projectId: string; after: string | null; limit: number },
): Promise<ServerUsageRow[]> =>
  sql<ServerUsageRow>(
    q,
    `select i.id, i.name, f.name flavor, ${SIZES}, ${HOURS} hours,
      extract(epoch from coalesce(i.terminated_at, now()) - i.launched_at)::int uptime, i.launched_at "startedAt",
      i.terminated_at "endedAt", i.vm_state "vmState"
    from instance i left join flavor f on f.id = i.flavor_id
    where i.project_id = $3 and ${WITHIN} and ($4::uuid is null or i.id > $4) order by i.id limit $5`,
    [from, to, projectId, after, limit],
  );
/** Sums by project. SQL: computed. @param projectId null: all projects */
export const sumUsage = (
  q: Queryable,
  {
    from,
    to,
    projectId,
    after,
    limit,
  }: { from: string; to: string; projectId: string | null; after: string | null; limit: number },
): Promise<ProjectUsageRow[]> =>
  sql<ProjectUsageRow>(
    q,
    `select i.project_id "projectId", sum(${HOURS}) hours, sum(${HOURS} * coalesce(f.memory_mb, 0)) "memoryMb",
      sum(${HOURS} * coalesce(f.vcpus, 0)) vcpus,
      sum(${HOURS} * coalesce(f.root_gb + f.ephemeral_gb, 0)) "localGb"
    from instance i left join flavor f on f.id = i.flavor_id
    where ${WITHIN} and ($3::text is null or i.project_id = $3) and ($4::text is null or i.project_id > $4)
    group by i.project_id order by i.project_id limit $5`,
    [from, to, projectId, after, limit],
  );
