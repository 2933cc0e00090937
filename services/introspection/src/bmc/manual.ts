import { BmcError, type Bmc, type BmcDriver, type Check } from './domain/driver.js';

const REASON = 'The driver manual does not switch machines: somebody does. Only manage_boot=false works.';
const refuse = (): Promise<never> => Promise.reject(new BmcError('unsupported', REASON));
const none: Check = { result: false, reason: REASON };
const bmc: Bmc = {
  powerState: () => Promise.resolve(null),
  order: refuse,
  bootDevice: () => Promise.resolve({ boot_device: null, persistent: null }),
  setBootDevice: refuse,
  supportedBootDevices: () => Promise.resolve([]),
  bootMode: () => Promise.resolve(null),
  setBootMode: refuse,
  close: () => Promise.resolve(),
};

/** Machines without a BMC (contract §10.3). */
export const manual: BmcDriver = {
  name: 'manual',
  managesPower: false,
  inspectsOutOfBand: false,
  validate: () => ({ power: none, management: none, boot: none, inspect: { result: true, reason: null } }),
  turnKey: ({ uuid }) => uuid,
  pauseMs: () => 0,
  connect: () => bmc,
};
