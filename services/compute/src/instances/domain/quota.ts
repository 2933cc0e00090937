import { forbidden, type Tx } from '@nefos/service-kit';
import { lockProject } from '../../owners/domain/owners.js';
import { usageOf } from '../store/instances.js';

/** Defaults of contract compute §8.1; MB for ram. */
const LIMITS = { instances: 10, cores: 20, ram: 51_200 } as const;

/** Reserves room in the project for one more instance: the row of the project stays locked until the instance counts. @throws Fault forbidden/quota_exceeded, in Nova's words */
export const reserveQuota = async (
  tx: Tx,
  projectId: string,
  flavor: { vcpus: number; memory_mb: number },
): Promise<void> => {
  await lockProject(tx, projectId);
  const used = await usageOf(tx, projectId);
  const wanted = { instances: 1, cores: flavor.vcpus, ram: flavor.memory_mb };
  for (const key of ['instances', 'cores', 'ram'] as const) {
    if (used[key] + wanted[key] > LIMITS[key])
      throw forbidden('quota_exceeded', {
        detail: `Quota exceeded for ${key}: Requested ${wanted[key]}, but already used ${used[key]} of ${LIMITS[key]} ${key}`,
      });
  }
};
