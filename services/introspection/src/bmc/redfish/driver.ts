import { BmcError, validationOf, type Bmc, type BmcDriver, type BmcSite, type BmcTarget } from '../domain/driver.js';
import { checkedAddress } from '../domain/address-guard.js';
import { readCertificates } from './certificates.js';
import { readInventory } from './inventory.js';
import { insertedMedia, ejectedMedia } from './media.js';
import { readRedfishOptions } from './options.js';
import { openSession, type Session } from './session.js';
import * as system from './system.js';
import { followTask } from './tasks.js';
import { createWire } from './wire.js';

/** How long a boot device may take to be accepted: the machine is switched right after. */
const TASK_MS = 8000;

const connect = (site: BmcSite, target: BmcTarget, signal: AbortSignal): Bmc => {
  let opened: Promise<Session> | undefined;
  const options = readRedfishOptions(target.info);
  const open = async (): Promise<Session> => {
    if (typeof options === 'string') throw new BmcError('configuration', options);
    const { networks, caDirectory, timeoutMs } = site.bmc;
    const address = await checkedAddress(options.host, networks);
    const ca = typeof options.verify === 'string' ? await readCertificates(options.verify, caDirectory) : undefined;
    const verify = options.verify !== false;
    return openSession(createWire({ origin: options.origin, address, timeoutMs, verify, ca, signal }), options);
  };
  const session = (): Promise<Session> => (opened ??= open());
  const read = async () => {
    if (typeof options === 'string') throw new BmcError('configuration', options);
    const open = await session();
    return { open, found: await system.readSystem(open, options) };
  };
  return {
    powerState: async () => system.powerStateOf((await read()).found),
    order: async (command) => {
      const { open, found } = await read();
      const { reference, type } = system.resetOf(found, command);
      const answer = await open.post(open.follow(reference) ?? reference, { ResetType: type });
      await followTask(open, answer, 0, signal);
    },
    bootDevice: async () => system.bootChoiceOf((await read()).found),
    setBootDevice: async (device, persistent) => {
      const { open, found } = await read();
      const patch = system.bootPatch(found, device, persistent);
      const answer = await open.patch(await system.bootResource(open, found), patch);
      if (!(await followTask(open, answer, TASK_MS, signal)))
        throw new BmcError('busy', 'The BMC has not set the boot device yet.');
    },
    supportedBootDevices: async () => system.bootDevicesOf((await read()).found),
    bootMode: async () => system.bootModeOf((await read()).found),
    setBootMode: async (mode) => {
      const { open, found } = await read();
      if (system.bootModeOf(found) === mode) return;
      const answer = await open.patch(await system.bootResource(open, found), system.bootModePatch(mode));
      await followTask(open, answer, TASK_MS, signal);
    },
    insertMedia: async (url) => {
      const { open, found } = await read();
      await followTask(open, await insertedMedia(open, found, url), TASK_MS, signal);
    },
    ejectMedia: async () => {
      const { open, found } = await read();
      await ejectedMedia(open, found);
    },
    inventory: async () => {
      const { open, found } = await read();
      return readInventory(open, found);
    },
    close: async () => {
      const open = await opened?.catch(() => undefined);
      await open?.close();
    },
  };
};

/** BMCs that speak Redfish (DMTF DSP0266), contract §10.1. */
export const redfish: BmcDriver = {
  name: 'redfish',
  managesPower: true,
  inspectsOutOfBand: true,
  validate: ({ info }) => validationOf(readRedfishOptions(info)),
  turnKey: ({ uuid, info }) => {
    const options = readRedfishOptions(info);
    return typeof options === 'string' ? uuid : options.host;
  },
  pauseMs: () => 0,
  connect,
};
