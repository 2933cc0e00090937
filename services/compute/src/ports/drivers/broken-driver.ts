import { DriverError, type Capabilities, type ComputeDriver } from '../driver.js';
import type { VolumeDriver } from '../driver-volumes.js';

const CALLS = [
  'create',
  'get',
  'list',
  'destroy',
  'start',
  'stop',
  'reboot',
  'pause',
  'unpause',
  'suspend',
  'resume',
  'consoleLog',
  'resize',
  'confirmResize',
  'revertResize',
  'rescue',
  'unrescue',
  'rebuild',
  'snapshot',
  'getSnapshot',
  'deleteSnapshot',
  'setPassword',
  'migrate',
  'abortMigration',
  'shelve',
  'unshelve',
  'openConsole',
  'readCatalog',
  'listForeign',
  'getForeign',
  'adopt',
  'attachVolume',
  'detachVolume',
] as const satisfies readonly (keyof ComputeDriver)[];

const VOLUME_CALLS = [
  'create',
  'get',
  'extend',
  'destroy',
  'list',
  'createSnapshot',
  'getSnapshot',
  'destroySnapshot',
  'revert',
  'createBackup',
  'getBackup',
  'destroyBackup',
  'restoreBackup',
  'upload',
  'getUpload',
] as const satisfies readonly (keyof VolumeDriver)[];

/**
 * Stands for a driver that can not be made: every call is UNAVAILABLE, so that what was accepted goes on when the
 * operator has mended it. @param why for the operator
 */
export const brokenDriver = (kind: ComputeDriver['kind'], capabilities: Capabilities, why: string): ComputeDriver => {
  const refuse = (): Promise<never> => Promise.reject(new DriverError('UNAVAILABLE', why));
  const volumes = Object.fromEntries(VOLUME_CALLS.map((name) => [name, refuse])) as unknown as VolumeDriver;
  return {
    ...(Object.fromEntries(CALLS.map((name) => [name, refuse])) as unknown as Pick<
      ComputeDriver,
      (typeof CALLS)[number]
    >),
    kind,
    capabilities,
    ...(capabilities.actions.has('attach_volume') && { volumes: { ...volumes, capabilities: new Set() } }),
    health: () => Promise.resolve({ ok: false, detail: why }),
    capacity: () => Promise.resolve(null),
  };
};
