import { em, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { projects } from '../../owners/tables.js';
import type { Amounts, QuotaResource } from '../quota-resources.js';

/** Where the amounts of some resources are counted. */
interface Source {
  resources: readonly QuotaResource[];
  /** A statement of one row for the project $1: for each resource its name and, in `<name>_reserved`, what is made. */
  text: string;
}
/** `name` and `name_reserved`: how many rows, or the sum of `value`; what meets `made` is still being made. */
const pair = (name: QuotaResource, made: string, { value = '1', of = 'true' } = {}): string =>
  [`not (${made})`, made]
    .map((which) => `coalesce(sum(${value}) filter (where ${of} and ${which}), 0)::float8`)
    .map((amount, at) => `${amount} ${name}${at ? '_reserved' : ''}`)
    .join(', ');
const BUILDING = `i.vm_state = 'building'`;
const SAVING = `status in ('queued', 'saving')`;
/**
 * A new kind of resource gets its line here, and its domain calls `reserveQuota` before it writes a row. Each
 * statement reads by an index of the project; a resource of which nothing is kept yet has no line, and none in use.
 */
const SOURCES: readonly Source[] = [
  {
    resources: ['instances', 'cores', 'ram'],
    text: `select ${pair('instances', BUILDING)}, ${pair('cores', BUILDING, { value: 'f.vcpus' })},
      ${pair('ram', BUILDING, { value: 'f.memory_mb' })}
      from instance i join flavor f on f.id = i.flavor_id where i.project_id = $1 and i.vm_state <> 'deleted'`,
  },
  {
    resources: ['snapshots', 'backups'],
    text: `select ${pair('snapshots', SAVING, { of: `type = 'snapshot'` })},
      ${pair('backups', SAVING, { of: `type = 'backup'` })}
      from image where project_id = $1 and type in ('snapshot', 'backup') and status not in ('deleted', 'killed')`,
  },
  {
    resources: ['network', 'subnet'],
    text: `select count(distinct n.id)::float8 network, 0::float8 network_reserved,
      count(s.id)::float8 subnet, 0::float8 subnet_reserved
      from network n left join subnet s on s.network_id = n.id where n.project_id = $1`,
  },
];

/** What a project uses. */
export interface Usage {
  inUse: Amounts;
  reserved: Amounts;
}
/** @param wanted only these resources; what is counted nowhere is left out. SQL: computed */
export const findUsage = async (
  q: Queryable,
  projectId: string,
  wanted: readonly QuotaResource[],
): Promise<Usage> => {
  const usage: Usage = { inUse: {}, reserved: {} };
  for (const { resources, text } of SOURCES) {
    if (!resources.some((one) => wanted.includes(one))) continue;
    const [row] = await sql<Record<string, number>>(q, text, [projectId]);
    for (const one of resources) {
      usage.inUse[one] = row?.[one] ?? 0;
      usage.reserved[one] = row?.[`${one}_reserved`] ?? 0;
    }
  }
  return usage;
};

/** The limits of a project, as far as they were set. */
export interface ProjectLimits {
  limits: Amounts;
  disabled: boolean;
}
const LIMITS = 'select quota_limits limits, disabled from project where id = $1';
/** Locks the project, so that reservations of its quota are made one after the other. SQL: locks. */
export const lockLimits = async (tx: Tx, projectId: string): Promise<ProjectLimits | undefined> =>
  (await sql<ProjectLimits>(tx, `${LIMITS} for no key update`, [projectId]))[0];
export const findLimits = async (q: Queryable, projectId: string): Promise<Amounts | undefined> =>
  (await sql<ProjectLimits>(q, LIMITS, [projectId]))[0]?.limits;
export const writeLimits = async (tx: Tx, projectId: string, limits: Amounts): Promise<void> => {
  await em(tx).update(projects, { id: projectId }, { quotaLimits: limits as Record<string, number> });
};
