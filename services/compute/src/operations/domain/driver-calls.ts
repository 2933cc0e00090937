import type { ComputeCtx } from '../../ctx.js';
import type { ComputeDriver, DriverError, Ref } from '../../ports/driver.js';
import type { OperationWork } from '../store/operation-work.js';

/** Errors of a driver, known by name: the domain does not import the port's class. */
export const isDriverError = (err: unknown): err is DriverError => err instanceof Error && err.name === 'DriverError';

/**
 * Calls the driver for the operation's action. The call may be repeated: the driver does the action once.
 * @throws DriverError
 */
export const callDriver = async (
  ctx: ComputeCtx,
  driver: ComputeDriver,
  work: OperationWork,
  ref: Ref,
): Promise<void> => {
  const graceSeconds = ctx.config.NEFOS_COMPUTE_SHUTDOWN_SECONDS;
  switch (work.action) {
    case 'create': {
      const { vcpus, memoryMb, rootGb, ephemeralGb, swapMb } = work;
      await driver.create({
        portalId: work.instanceId,
        name: work.name,
        tags: work.tags,
        region: work.region,
        projectId: work.projectId,
        imageId: work.imageId,
        nics: work.nics,
        flavor: { vcpus, memoryMb, rootGb, ephemeralGb, swapMb, backendId: work.flavorBackendId },
        image: work.imageId === null ? null : { id: work.imageId, backendId: work.imageBackendId, diskFormat: null },
      });
      return;
    }
    case 'delete':
      return driver.destroy(ref);
    case 'stop':
      return driver.stop(ref, { graceSeconds });
    case 'start':
      return driver.start(ref);
    case 'rebootSoft':
      return driver.reboot(ref, { type: 'SOFT', graceSeconds });
    case 'rebootHard':
      return driver.reboot(ref, { type: 'HARD', graceSeconds });
    case 'pause':
      return driver.pause(ref);
    case 'unpause':
      return driver.unpause(ref);
    case 'suspend':
      return driver.suspend(ref);
    case 'resume':
      return driver.resume(ref);
  }
};
