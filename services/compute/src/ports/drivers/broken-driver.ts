import { DriverError, type Capabilities, type ComputeDriver } from '../driver.js';
import type { NetworkAbilities, NetworkDriver } from '../driver-networks.js';

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
  'connectConsole',
  'readCatalog',
  'listForeign',
  'getForeign',
  'adopt',
  'attachPort',
  'detachPort',
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
const brokenNetworks = (refuse: () => Promise<never>): Pick<NetworkDriver, (typeof NETWORK_CALLS)[number]> =>
  Object.fromEntries(NETWORK_CALLS.map((name) => [name, refuse])) as unknown as Pick<
    NetworkDriver,
    (typeof NETWORK_CALLS)[number]
  >;

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
    ...(Object.fromEntries(CALLS.map((name) => [name, refuse])) as unknown as Pick<
      ComputeDriver,
      (typeof CALLS)[number]
    >),
    kind,
    capabilities,
    ...(networks && { networks: { ...brokenNetworks(refuse), ...networks } }),
    health: () => Promise.resolve({ ok: false, detail: why }),
    capacity: () => Promise.resolve(null),
  };
};
