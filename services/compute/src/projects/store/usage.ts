import { prepared, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { Amounts, QuotaResource } from '../quota-resources.js';

/** What one resource amounts to in a source's rows. */
interface Amount {
  resource: QuotaResource;
  /** SQL of one row's part; absent: 1. */
  value?: string;
  /** Which rows count; absent: all. */
  of?: string;
}
/** Where the amounts of some resources are counted: rows of the project $1, found by an index. */
interface Source {
  amounts: readonly Amount[];
  from: string;
  /** Rows whose thing is still being made; absent: none. */
  made?: string;
}
/**
 * A new kind of resource gets its line here, and its domain calls `reserveQuota` before it writes a row. A resource of
 * which nothing is kept yet has no line, and none in use.
 */
const SOURCES: readonly Source[] = [
  {
    amounts: [
      { resource: 'instances' },
      { resource: 'cores', value: 'greatest(f.vcpus, o.vcpus)' },
      { resource: 'ram', value: 'greatest(f.memory_mb, o.memory_mb)' },
    ],
    // One that is being resized, or may be reverted, counts with the larger of its two sizes.
    from: `instance i join flavor f on f.id = i.flavor_id left join flavor o on o.id = i.other_flavor_id
      where i.project_id = $1 and i.vm_state <> 'deleted'`,
    made: `i.vm_state = 'building'`,
  },
  {
    amounts: [
      { resource: 'snapshots', of: `m.type = 'snapshot'` },
      { resource: 'backups', of: `m.type = 'backup'` },
    ],
    from: `image m where m.project_id = $1 and m.type in ('snapshot', 'backup')
      and m.status not in ('deleted', 'killed', 'pending_delete')`,
    made: `m.status in ('queued', 'saving')`,
  },
  {
    amounts: [{ resource: 'volumes' }, { resource: 'gigabytes', value: 'greatest(v.size_gb, v.wanted_gb)' }],
    // One that is being extended counts with the size to come.
    from: 'volume v where v.project_id = $1',
    made: `v.status = 'creating'`,
  },
  {
    amounts: [{ resource: 'snapshots' }],
    from: 'volume_snapshot x where x.project_id = $1',
    made: `x.status = 'creating'`,
  },
  {
    amounts: [{ resource: 'backups' }],
    from: 'volume_backup x where x.project_id = $1',
    made: `x.status = 'creating'`,
  },
  { amounts: [{ resource: 'network' }], from: 'network n where n.project_id = $1' },
  { amounts: [{ resource: 'subnet' }], from: 'subnet s join network n on n.id = s.network_id where n.project_id = $1' },
  {
    amounts: [{ resource: 'port' }],
    from: 'port p left join instance b on b.id = p.instance_id where p.project_id = $1',
    made: `b.vm_state is not distinct from 'building'`,
  },
  { amounts: [{ resource: 'router' }], from: 'router r where r.project_id = $1' },
  { amounts: [{ resource: 'floatingip' }], from: 'floating_ip f where f.project_id = $1' },
  { amounts: [{ resource: 'security_group' }], from: 'security_group g where g.project_id = $1' },
  {
    amounts: [{ resource: 'security_group_rule' }],
    from: 'security_group_rule r join security_group g on g.id = r.security_group_id where g.project_id = $1',
  },
];
const sumOf = ({ value = '1', of }: Amount, which?: string): string => {
  const filter = [of, which].filter((one) => one !== undefined).join(' and ');
  return `coalesce(sum(${value})${filter && ` filter (where ${filter})`}, 0)::float8`;
};
const TOTALS = SOURCES.map(
  ({ amounts, from }) => `select ${amounts.map((one) => `${sumOf(one)} ${one.resource}`).join(', ')} from ${from}`,
);
const HALVES = SOURCES.map(({ amounts, from, made = 'false' }) => {
  const both = amounts.map(
    (one) => `${sumOf(one, `not (${made})`)} ${one.resource}, ${sumOf(one, `(${made})`)} ${one.resource}_made`,
  );
  return `select ${both.join(', ')} from ${from}`;
});

/** What a project uses and is about to use. SQL: computed. */
export const findUsage = async (q: Queryable, projectId: string): Promise<{ inUse: Amounts; reserved: Amounts }> => {
  const usage = { inUse: {} as Amounts, reserved: {} as Amounts };
  for (const [at, { amounts }] of SOURCES.entries()) {
    const [row] = await sql<Record<string, number>>(q, HALVES[at] as string, [projectId]);
    for (const { resource } of amounts) {
      // Snapshots and backups are images of instances, and those of volumes.
      usage.inUse[resource] = (usage.inUse[resource] ?? 0) + (row?.[resource] ?? 0);
      usage.reserved[resource] = (usage.reserved[resource] ?? 0) + (row?.[`${resource}_made`] ?? 0);
    }
  }
  return usage;
};
/**
 * Both together, for a reservation.
 * @param wanted only these resources; what is counted nowhere is left out. SQL: prepared, it runs for every create
 */
export const findTotals = async (tx: Tx, projectId: string, wanted: readonly QuotaResource[]): Promise<Amounts> => {
  const texts = TOTALS.filter((_, at) => SOURCES[at]?.amounts.some(({ resource }) => wanted.includes(resource)));
  if (!texts.length) return {};
  const rows = await prepared<{ amounts: Amounts }>(
    tx,
    texts.map((text, i) => `select to_jsonb(t${i}) amounts from (${text}) t${i}`).join(' union all '),
    [projectId],
  );
  const totals: Amounts = {};
  for (const { amounts } of rows)
    for (const [resource, n] of Object.entries(amounts) as [QuotaResource, number][])
      totals[resource] = (totals[resource] ?? 0) + n;
  return totals;
};

/** The limits of a project, as far as they were set. */
export interface ProjectLimits {
  limits: Amounts;
  disabled: boolean;
}
const LIMITS = 'select quota_limits limits, disabled from project where id = $1';
/** Locks the project, so that reservations of its quota are made one after the other. SQL: locks, prepared. */
export const lockLimits = async (tx: Tx, projectId: string): Promise<ProjectLimits | undefined> =>
  (await prepared<ProjectLimits>(tx, `${LIMITS} for no key update`, [projectId]))[0];
export const findLimits = async (q: Queryable, projectId: string): Promise<Amounts | undefined> =>
  (await sql<ProjectLimits>(q, LIMITS, [projectId]))[0]?.limits;
/** SQL: the command line knows no tables. */
export const writeLimits = async (tx: Tx, projectId: string, limits: Amounts): Promise<void> => {
  await run(tx, 'update project set quota_limits = $2::jsonb where id = $1', [projectId, JSON.stringify(limits)]);
};
/** The project with this id, else those with this name, at most two. SQL: as above. */
export const findProjectsNamed = async (q: Queryable, word: string): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      'select id from project where id = $1 or (name = $1 and not exists (select from project where id = $1)) limit 2',
      [word],
    )
  ).map(({ id }) => id);
