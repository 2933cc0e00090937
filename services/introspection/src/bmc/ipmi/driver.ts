import { setTimeout as sleep } from 'node:timers/promises';
import { checkedAddress } from '../domain/address-guard.js';
import {
  BmcError,
  validationOf,
  type Bmc,
  type BmcDriver,
  type BmcSite,
  type BmcTarget,
  type BootDevice,
  type BootMode,
  type PowerCommand,
} from '../domain/driver.js';
import { ipmitool } from './ipmitool.js';
import { readIpmiOptions } from './options.js';

const POWER: Record<PowerCommand, string> = { on: 'on', off: 'off', 'soft off': 'soft' };
/** Names in commands, and in what is read back. */
const DEVICES: Partial<Record<BootDevice, [string, RegExp]>> = {
  pxe: ['pxe', /Force PXE/],
  disk: ['disk', /Force Boot from default Hard-Drive/],
  cdrom: ['cdrom', /Force Boot from CD\/DVD/],
  bios: ['bios', /Force Boot into BIOS Setup/],
};
const deviceNames = Object.keys(DEVICES) as BootDevice[];
/** Boot parameter 3, bit 3: the boot flags stay valid when the BMC has not heard of a start within 60 s. */
const KEEP_BOOT_FLAGS = ['raw', '0x00', '0x08', '0x03', '0x08'];

const modeOf = (flags: string): BootMode | null =>
  /BIOS EFI boot/.test(flags) ? 'uefi' : /legacy\) boot/.test(flags) ? 'bios' : null;

const connect = (site: BmcSite, target: BmcTarget, signal: AbortSignal): Bmc => {
  let address: string | undefined;
  let last = -Infinity;
  const command = async (...words: string[]): Promise<string> => {
    const options = readIpmiOptions(target.info);
    if (typeof options === 'string') throw new BmcError('configuration', options);
    address ??= await checkedAddress(options.host, site.bmc.networks);
    const wait = last + site.bmc.ipmiPauseMs - performance.now();
    if (wait > 0) await sleep(wait, undefined, { signal });
    try {
      const { ipmitool: program, timeoutMs } = site.bmc;
      return await ipmitool(words, options, { address, program, timeoutMs, signal });
    } finally {
      last = performance.now();
    }
  };
  const bootFlags = (): Promise<string> => command('chassis', 'bootparam', 'get', '5');
  return {
    powerState: async () => {
      const said = await command('power', 'status');
      return /\bis on\b/i.test(said) ? 'power on' : /\bis off\b/i.test(said) ? 'power off' : null;
    },
    order: async (power) => {
      await command('power', POWER[power]);
    },
    bootDevice: async () => {
      const flags = await bootFlags();
      const device = deviceNames.find((one) => DEVICES[one]?.[1].test(flags)) ?? null;
      return { boot_device: device, persistent: device === null ? null : /all future boots/.test(flags) };
    },
    beforeBootDevice: async () => {
      await command(...KEEP_BOOT_FLAGS);
    },
    setBootDevice: async (device, persistent) => {
      const name = DEVICES[device]?.[0];
      if (name === undefined) throw new BmcError('unsupported', `IPMI can not boot a machine from ${device}.`);
      const options = [...(persistent ? ['persistent'] : []), ...(target.bootMode === 'uefi' ? ['efiboot'] : [])];
      await command('chassis', 'bootdev', name, ...(options.length ? [`options=${options.join(',')}`] : []));
    },
    supportedBootDevices: () => Promise.resolve(deviceNames),
    bootMode: async () => modeOf(await bootFlags()),
    setBootMode: () =>
      Promise.reject(new BmcError('unsupported', 'IPMI sets the boot mode with the boot device only.')),
    close: () => Promise.resolve(),
  };
};

/** BMCs that speak IPMI, by ipmitool, contract §10.2. */
export const ipmi: BmcDriver = {
  name: 'ipmi',
  managesPower: true,
  inspectsOutOfBand: false,
  validate: ({ info }) => validationOf(readIpmiOptions(info)),
  turnKey: ({ uuid, info }) => {
    const options = readIpmiOptions(info);
    return typeof options === 'string' ? uuid : `${options.host}:${options.port}`;
  },
  pauseMs: ({ ipmiPauseMs }) => ipmiPauseMs,
  connect,
};
