import type { Tx } from '@nefos/service-kit';
import { lockProject } from '../../owners/domain/owners.js';
import { refusal } from '../../refusals.js';
import { findUsage } from '../store/instances.js';

/** Defaults of contract compute §8.1; MB for ram. */
const LIMITS = { instances: 10, cores: 20, ram: 51_200 } as const;

/**
 * Checks that the project has room for one more instance. The project's row stays locked until this transaction ends,
 * so that two requests can not both take the last room.
 * @throws Fault forbidden/create.quota
 */
export const reserveQuota = async (
  tx: Tx,
  projectId: string,
  flavor: { vcpus: number; memoryMb: number },
): Promise<void> => {
  await lockProject(tx, projectId);
  const usage = await findUsage(tx, projectId);
  const demand = { instances: 1, cores: flavor.vcpus, ram: flavor.memoryMb };
  for (const resource of ['instances', 'cores', 'ram'] as const) {
    const [used, requested, limit] = [usage[resource], demand[resource], LIMITS[resource]];
    if (used + requested > limit) throw refusal('forbidden', 'create.quota', { resource, requested, used, limit });
  }
};
