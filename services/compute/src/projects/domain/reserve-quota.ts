import type { Tx } from '@nefos/service-kit';
import { refusal } from '../../refusals.js';
import { DEFAULT_LIMITS, QUOTA_RESOURCES, UNLIMITED, type Amounts } from '../quota-resources.js';
import { findTotals, lockLimits } from '../store/usage.js';

/**
 * Checks that the project has room for what is about to be written, in the transaction that writes it. The project's
 * row stays locked until this transaction ends, so that two requests can not both take the last room.
 *
 * Two statements: the lock, which also reads the limits, and the count of what is used. Only resources with a limit
 * are counted, so that no count is much larger than its limit.
 * @param demand how much more of each resource there will be, `{ instances: 1, cores: 2, ram: 512 }`; what is not more
 * than 0 needs no room
 * @throws Fault forbidden/create.quota, forbidden/project.disabled
 */
export const reserveQuota = async (tx: Tx, projectId: string, demand: Amounts): Promise<void> => {
  const project = await lockLimits(tx, projectId);
  if (!project || project.disabled) throw refusal('forbidden', 'project.disabled');
  const checks = QUOTA_RESOURCES.map((resource) => ({
    resource,
    requested: demand[resource] ?? 0,
    limit: project.limits[resource] ?? DEFAULT_LIMITS[resource],
  })).filter(({ requested, limit }) => requested > 0 && limit !== UNLIMITED);
  if (!checks.length) return;
  const totals = await findTotals(
    tx,
    projectId,
    checks.map(({ resource }) => resource),
  );
  for (const check of checks) {
    const used = totals[check.resource] ?? 0;
    if (used + check.requested > check.limit) throw refusal('forbidden', 'create.quota', { ...check, used });
  }
};
