import { sql, type Queryable } from '@nefos/service-kit';

/** What one server has used in a period. Instants as the database has them. */
export interface ServerUsageRow {
  id: string;
  projectId: string;
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
/** The period, which does not reach beyond now, and whose usage it is: a project's, or null: that of all. */
export interface UsageOf {
  from: string;
  to: string;
  projectId: string | null;
}
/** Hours of an instance within the period from $1 to $2. */
const HOURS = `(extract(epoch from least(coalesce(i.terminated_at, $2::timestamptz), $2::timestamptz)
    - greatest(i.launched_at, $1::timestamptz)) / 3600)::float8`;
const WITHIN = `i.launched_at < $2::timestamptz and coalesce(i.terminated_at, $2::timestamptz) > $1::timestamptz
    and ($3::text is null or i.project_id = $3)`;

/** Where the page after a server begins, which is the project's if one is given. SQL: the id of several columns. */
const findMarker = async (
  q: Queryable,
  id: string,
  projectId: string | null,
): Promise<[projectId: string, launchedAt: string, id: string] | undefined> => {
  const [found] = await sql<{ projectId: string; launchedAt: string }>(
    q,
    `select project_id "projectId", launched_at "launchedAt" from instance
    where id = $1 and launched_at is not null and ($2::text is null or project_id = $2)`,
    [id, projectId],
  );
  return found && [found.projectId, found.launchedAt, id];
};
/**
 * Servers that ran in the period, by project and launch. SQL: computed; the order is that of an index.
 * @param page.after id of the last one before
 * @returns 'no_marker' when `after` names none
 */
export const listServerUsage = async (
  q: Queryable,
  { from, to, projectId }: UsageOf,
  { after, limit }: { after: string | null; limit: number },
): Promise<ServerUsageRow[] | 'no_marker'> => {
  const marker = after === null ? [null, null, null] : await findMarker(q, after, projectId);
  if (!marker) return 'no_marker';
  return sql<ServerUsageRow>(
    q,
    `select i.id, i.project_id "projectId", i.name, f.name flavor, coalesce(f.vcpus, 0) vcpus,
      coalesce(f.memory_mb, 0) "memoryMb", coalesce(f.root_gb + f.ephemeral_gb, 0) "localGb", ${HOURS} hours,
      extract(epoch from coalesce(i.terminated_at, now()) - i.launched_at)::int uptime, i.launched_at "startedAt",
      i.terminated_at "endedAt", i.vm_state "vmState"
    from instance i left join flavor f on f.id = i.flavor_id
    where ${WITHIN}
      and ($4::text is null or (i.project_id, i.launched_at, i.id) > ($4, $5::timestamptz, $6::uuid))
    order by i.project_id, i.launched_at, i.id limit $7`,
    [from, to, projectId, ...marker, limit],
  );
};
/** Sums by project. SQL: computed. */
export const sumUsage = (q: Queryable, { from, to, projectId }: UsageOf, limit: number): Promise<ProjectUsageRow[]> =>
  sql<ProjectUsageRow>(
    q,
    `select i.project_id "projectId", sum(${HOURS}) hours, sum(${HOURS} * coalesce(f.memory_mb, 0)) "memoryMb",
      sum(${HOURS} * coalesce(f.vcpus, 0)) vcpus,
      sum(${HOURS} * coalesce(f.root_gb + f.ephemeral_gb, 0)) "localGb"
    from instance i left join flavor f on f.id = i.flavor_id
    where ${WITHIN} group by i.project_id order by i.project_id limit $4`,
    [from, to, projectId, limit],
  );
