import type { Tx } from '@nefos/service-kit';
import { lockProject } from '../../owners/domain/owners.js';
import { refusal } from '../../refusals.js';
import { findUsage } from '../store/instances.js';

/** Defaults of contract compute §8.1; MB for ram. */
const LIMITS = { instances: 10, cores: 20, ram: 51_200 } as const;

/** A size, as quota counts it. */
interface Size {
  vcpus: number;
  memoryMb: number;
}
/**
 * Checks that the project has room for what an instance grows by. The larger of both sizes counts from now on.
 * @throws Fault forbidden/create.quota
 */
export const reserveGrowth = (tx: Tx, projectId: string, from: Size, to: Size): Promise<void> =>
  reserve(tx, projectId, {
    instances: 0,
    cores: Math.max(0, to.vcpus - from.vcpus),
    ram: Math.max(0, to.memoryMb - from.memoryMb),
  });
/**
 * Checks that the project has room for one more instance. The project's row stays locked until this transaction ends,
 * so that two requests can not both take the last room.
 * @throws Fault forbidden/create.quota
 */
export const reserveQuota = (tx: Tx, projectId: string, flavor: Size): Promise<void> =>
  reserve(tx, projectId, { instances: 1, cores: flavor.vcpus, ram: flavor.memoryMb });
const reserve = async (
  tx: Tx,
  projectId: string,
  demand: Record<'instances' | 'cores' | 'ram', number>,
): Promise<void> => {
  await lockProject(tx, projectId);
  const usage = await findUsage(tx, projectId);
  for (const resource of ['instances', 'cores', 'ram'] as const) {
    const [used, requested, limit] = [usage[resource], demand[resource], LIMITS[resource]];
    if (requested && used + requested > limit)
      throw refusal('forbidden', 'create.quota', { resource, requested, used, limit });
  }
};
