import { Fault } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { readQuotas, setLimits, type LimitChanges } from '../../projects/domain/quotas.js';
import { DEFAULT_LIMITS, QUOTA_RESOURCES, type Quotas } from '../../projects/quota-resources.js';
import { refusal } from '../../refusals.js';
import { projectOfWire } from '../project-ids.js';
import { demandAdmin, scopeOf } from './scope.js';

export type { LimitChanges };
/** What a project has that the portal does not know: the defaults, and nothing used. */
export const defaultQuotas = (): Quotas =>
  Object.fromEntries(
    QUOTA_RESOURCES.map((one) => [one, { limit: DEFAULT_LIMITS[one], inUse: 0, reserved: 0 }]),
  ) as Quotas;
/**
 * Quotas of a project: one's own, or for administrators any.
 * @param shown as the path names it; absent: the token's
 * @throws Fault forbidden
 */
export const quotasOf = async (ctx: ComputeRequest, shown?: string): Promise<Quotas> => {
  const own = scopeOf(ctx);
  const projectId = shown === undefined ? own.projectId : projectOfWire(shown);
  if (projectId !== own.projectId && !own.admin) throw refusal('forbidden', 'facade.policy');
  try {
    return projectId === undefined ? defaultQuotas() : await readQuotas(dbOf(ctx), projectId);
  } catch (err) {
    if (err instanceof Fault && err.kind === 'not_found') return defaultQuotas();
    throw err;
  }
};
/**
 * Sets limits of a project; null: the default again.
 * @throws Fault forbidden, not_found, invalid: a limit below what is used, without `force`
 */
export const setQuotas = async (
  ctx: ComputeRequest,
  shown: string,
  changes: LimitChanges,
  force: boolean,
): Promise<Quotas> => {
  demandAdmin(ctx);
  const projectId = projectOfWire(shown);
  const absent = new Fault('not_found', 'facade.refused', { message: `Project ${shown} could not be found.` });
  if (projectId === undefined) throw absent;
  try {
    return await setLimits(ctx, projectId, changes, { force });
  } catch (err) {
    throw err instanceof Fault && err.kind === 'not_found' ? absent : err;
  }
};
