import type { ComputeCtx } from '../../ctx.js';
import type { ComputeDriver, FlavorSpec, ImageSpec, Ref } from '../../ports/driver.js';
import type { OperationWork, WorkVolume } from '../store/operation-work.js';
import { driverError } from './driver-errors.js';
import { guestOf, readSecret, type OperationSecret } from './secrets.js';

/**
 * A call that not every driver has. The region's driver may have changed since the action was accepted.
 * @throws DriverError UNSUPPORTED
 */
const optional = <T>(call: T | undefined): T => {
  if (call === undefined) throw driverError('UNSUPPORTED', 'The driver of the region can not do this.');
  return call;
};
const param = (work: OperationWork, name: string): string => {
  const value = work.params[name];
  return typeof value === 'string' ? value : '';
};
/** The image that the action boots; for a create that of the instance. */
const imageOf = (work: OperationWork): ImageSpec => ({
  id: param(work, 'image') || (work.imageId ?? ''),
  backendId: work.imageBackendId,
  diskFormat: work.diskFormat,
});
const sizeOf = ({ vcpus, memoryMb, rootGb, ephemeralGb, swapMb, backendId = null }: FlavorSpec): FlavorSpec => ({
  vcpus,
  memoryMb,
  rootGb,
  ephemeralGb,
  swapMb,
  backendId,
});

const volumeOf = ({ id, backendId, device, boot }: WorkVolume) => ({
  volume: { portalId: id, backendId },
  device,
  boot,
});

/** The image that an operation makes. */
export const imageMadeBy = (work: OperationWork): { imageId: string; backendId: null } | undefined =>
  work.action === 'snapshot' || work.action === 'backup'
    ? { imageId: param(work, 'image'), backendId: null }
    : undefined;

/** Actions that change size or host. */
const callResize = async (
  driver: ComputeDriver,
  work: OperationWork,
  ref: Ref,
  graceSeconds: number,
): Promise<void> => {
  switch (work.action) {
    case 'resize':
      if (!work.target) throw driverError('INVALID_REQUEST', 'The size is not known any more.');
      return optional(driver.resize?.bind(driver))(ref, sizeOf(work.target), { graceSeconds });
    case 'confirmResize':
      return optional(driver.confirmResize?.bind(driver))(ref);
    case 'revertResize':
      return optional(driver.revertResize?.bind(driver))(ref, {
        graceSeconds,
        former: work.target && sizeOf(work.target),
      });
    case 'migrate':
    case 'liveMigrate':
      return optional(driver.migrate?.bind(driver))(ref, {
        live: work.action === 'liveMigrate',
        host: param(work, 'host') || null,
      });
    case 'abortMigrate':
      return optional(driver.abortMigration?.bind(driver))(ref);
    default:
      throw new Error(`no call for ${work.action}`);
  }
};
/** Actions that boot another system, or make an image of this one. */
const callImaging = async (
  driver: ComputeDriver,
  work: OperationWork,
  ref: Ref,
  secret: OperationSecret | undefined,
): Promise<void> => {
  switch (work.action) {
    case 'rescue':
    case 'bootIso': {
      const iso = work.action === 'bootIso';
      const image = param(work, 'image') ? imageOf(work) : null;
      return optional(driver.rescue?.bind(driver))(ref, { image, iso, password: secret?.rootPassword ?? null });
    }
    case 'unrescue':
      return optional(driver.unrescue?.bind(driver))(ref);
    case 'rebuild':
      return optional(driver.rebuild?.bind(driver))(ref, {
        key: work.id,
        name: param(work, 'name') || work.name,
        image: imageOf(work),
        guest: guestOf(secret),
      });
    case 'snapshot':
    case 'backup':
      return optional(driver.snapshot?.bind(driver))(ref, { imageId: param(work, 'image'), name: param(work, 'name') });
    case 'changePassword':
      if (secret?.rootPassword === undefined) throw driverError('INVALID_REQUEST', 'The password is not stored.');
      return optional(driver.setPassword?.bind(driver))(ref, secret.rootPassword);
    case 'shelve':
      return optional(driver.shelve?.bind(driver))(ref);
    case 'unshelve':
      return optional(driver.unshelve?.bind(driver))(ref);
    default:
      throw new Error(`no call for ${work.action}`);
  }
};

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
  const secret = work.hasSecret ? await readSecret(ctx, ctx.db, work.id) : undefined;
  switch (work.action) {
    case 'create':
      await driver.create({
        portalId: work.instanceId,
        name: work.name,
        tags: work.tags,
        region: work.region,
        projectId: work.projectId,
        imageId: work.imageId,
        ...(work.imageId !== null && { image: imageOf(work) }),
        ...(secret && { guest: guestOf(secret) }),
        nics: work.nics,
        ...(work.volumes.length && { volumes: work.volumes.map(volumeOf) }),
        flavor: sizeOf({ ...work, backendId: work.flavorBackendId }),
      });
      return;
    case 'import':
      return optional(driver.adopt?.bind(driver))({
        portalId: work.instanceId,
        backendId: String(work.params.backend_id),
      });
    case 'delete':
      return driver.destroy(ref);
    case 'stop':
      return driver.stop(ref, { graceSeconds });
    case 'start':
      return driver.start(ref);
    case 'rebootSoft':
      return driver.reboot(ref, { type: 'SOFT', graceSeconds, key: work.id });
    case 'rebootHard':
      return driver.reboot(ref, { type: 'HARD', graceSeconds, key: work.id });
    case 'pause':
      return driver.pause(ref);
    case 'unpause':
      return driver.unpause(ref);
    case 'suspend':
      return driver.suspend(ref);
    case 'resume':
      return driver.resume(ref);
    case 'resize':
    case 'confirmResize':
    case 'revertResize':
    case 'migrate':
    case 'liveMigrate':
    case 'abortMigrate':
      return callResize(driver, work, ref, graceSeconds);
    case 'move':
      return;
    default:
      return callImaging(driver, work, ref, secret);
  }
};
