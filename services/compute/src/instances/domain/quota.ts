import type { Tx } from '@nefos/service-kit';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';

/** A size, as quota counts it. */
interface Size {
  vcpus: number;
  memoryMb: number;
}
/**
 * Checks that the project has room for one more instance.
 * @param ports how many are made with it
 * @throws as `reserveQuota`
 */
export const reserveInstance = (tx: Tx, projectId: string, { vcpus, memoryMb }: Size, ports: number): Promise<void> =>
  reserveQuota(tx, projectId, { instances: 1, cores: vcpus, ram: memoryMb, port: ports });
/**
 * Checks that the project has room for what an instance grows by. The larger of both sizes counts from now on.
 * @throws as `reserveQuota`
 */
export const reserveGrowth = (tx: Tx, projectId: string, from: Size, to: Size): Promise<void> =>
  reserveQuota(tx, projectId, { cores: to.vcpus - from.vcpus, ram: to.memoryMb - from.memoryMb });
