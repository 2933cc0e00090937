import type { Tx } from '@nefos/service-kit';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';

/** A size, as quota counts it. */
interface Size {
  vcpus: number;
  memoryMb: number;
}
/** Checks that the project has room for one more instance. @throws as `reserveQuota` */
export const reserveInstance = (tx: Tx, projectId: string, { vcpus, memoryMb }: Size): Promise<void> =>
  reserveQuota(tx, projectId, { instances: 1, cores: vcpus, ram: memoryMb });
