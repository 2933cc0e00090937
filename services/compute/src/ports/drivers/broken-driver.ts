import { DriverError, type Capabilities, type ComputeDriver } from '../driver.js';
import type { NetworkAbilities, NetworkDriver } from '../driver-networks.js';
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
  'rename',
  'migrate',
  'abortMigration',
  'shelve',
  'unshelve',
  'openConsole',
  'connectConsole',
  'readCatalog',
  'listForeign',
  'getForeign',
  'adopt',
  'attachPort',
  'detachPort',
  'attachVolume',
  'detachVolume',
] as const satisfies readonly (keyof ComputeDriver)[];

const NETWORK_CALLS = [
  'ensureNetwork',
  'ensureSubnet',
  'ensureRouter',
  'ensureSecurityGroup',
  'ensurePort',
  'ensureFloatingIp',
  'remove',
  'list',
] as const satisfies readonly (keyof NetworkDriver)[];
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
/** The calls by their names. */
const refusing = <Name extends string, T>(
  names: readonly Name[],
  refuse: () => Promise<never>,
): Pick<T, Name & keyof T> =>
  Object.fromEntries(names.map((name) => [name, refuse])) as unknown as Pick<T, Name & keyof T>;

/**
 * Stands for a driver that can not be made: every call is UNAVAILABLE, so that what was accepted goes on when the
 * operator has mended it. @param why for the operator
 */
export const brokenDriver = (
  kind: ComputeDriver['kind'],
  capabilities: Capabilities,
  why: string,
  networks?: NetworkAbilities,
): ComputeDriver => {
  const refuse = (): Promise<never> => Promise.reject(new DriverError('UNAVAILABLE', why));
  return {
    ...refusing<(typeof CALLS)[number], ComputeDriver>(CALLS, refuse),
    kind,
    capabilities,
    ...(networks && {
      networks: { ...refusing<(typeof NETWORK_CALLS)[number], NetworkDriver>(NETWORK_CALLS, refuse), ...networks },
    }),
    ...(capabilities.actions.has('attach_volume') && {
      volumes: {
        ...refusing<(typeof VOLUME_CALLS)[number], VolumeDriver>(VOLUME_CALLS, refuse),
        capabilities: new Set<never>(),
      },
    }),
    health: () => Promise.resolve({ ok: false, detail: why }),
    capacity: () => Promise.resolve(null),
  };
};
