import { invalid, notFound, type Db, type Queryable } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { refusedValue } from '../../refusals.js';
import {
  DEFAULT_LIMITS,
  QUOTA_RESOURCES,
  UNLIMITED,
  type Amounts,
  type QuotaResource,
  type Quotas,
} from '../quota-resources.js';
import { findLimits, findUsage, lockLimits, writeLimits } from '../store/usage.js';
import { getProject } from './projects.js';

export { findProjectsNamed } from '../store/usage.js';

/** Limits and usage of a project. @throws Fault not_found */
export const readQuotas = async (q: Queryable, projectId: string): Promise<Quotas> => {
  const limits = await findLimits(q, projectId);
  if (!limits) throw notFound();
  const { inUse, reserved } = await findUsage(q, projectId);
  const quotaOf = (one: QuotaResource) => ({
    limit: limits[one] ?? DEFAULT_LIMITS[one],
    inUse: inUse[one] ?? 0,
    reserved: reserved[one] ?? 0,
  });
  return Object.fromEntries(QUOTA_RESOURCES.map((one) => [one, quotaOf(one)])) as Quotas;
};
/** New limits by resource; null: the default again. */
export type LimitChanges = Partial<Record<QuotaResource, number | null>>;
/**
 * Changes limits of a project; what is left out stays. A limit below what is used is refused, as Nova does, unless
 * `force` is given: nothing more can be made then.
 * @throws Fault not_found, invalid
 */
export const changeLimits = (
  db: Db,
  projectId: string,
  changes: LimitChanges,
  { force }: { force: boolean },
): Promise<Quotas> =>
  db.transaction(async (tx) => {
    const project = await lockLimits(tx, projectId);
    if (!project) throw notFound();
    const limits: Amounts = { ...project.limits };
    for (const resource of QUOTA_RESOURCES) {
      const limit = changes[resource];
      if (limit === null || limit === DEFAULT_LIMITS[resource]) Reflect.deleteProperty(limits, resource);
      else if (limit !== undefined) limits[resource] = limit;
    }
    await writeLimits(tx, projectId, limits);
    const quotas = await readQuotas(tx, projectId);
    const low = QUOTA_RESOURCES.filter((resource) => {
      const { limit, inUse, reserved } = quotas[resource];
      return changes[resource] !== undefined && limit !== UNLIMITED && limit < inUse + reserved;
    });
    // What was written goes with the transaction.
    if (low.length && !force)
      throw invalid(
        low.map((resource) => {
          const { limit, inUse, reserved } = quotas[resource];
          return refusedValue([resource], 'quota.below_usage', { resource, limit, used: inUse + reserved });
        }),
      );
    return quotas;
  });

/** @throws Fault not_found: a project that the caller may not see, too */
export const showQuotas = async (ctx: ComputeRequest, projectId: string): Promise<Quotas> => {
  const { id } = await getProject(ctx, projectId);
  return readQuotas(dbOf(ctx), id);
};
/** @throws Fault not_found, invalid */
export const setLimits = async (
  ctx: ComputeRequest,
  projectId: string,
  changes: LimitChanges,
  options: { force: boolean },
): Promise<Quotas> => {
  const { id } = await getProject(ctx, projectId);
  return changeLimits(dbOf(ctx), id, changes, options);
};
