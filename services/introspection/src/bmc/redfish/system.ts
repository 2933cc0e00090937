import { isObject, objectOf, objectsOf, textOf, type Json, type JsonObject } from '../../values.js';
import {
  BmcError,
  type BootChoice,
  type BootDevice,
  type BootMode,
  type PowerCommand,
  type PowerState,
} from '../domain/driver.js';
import type { RedfishOptions } from './options.js';
import type { Resource, Session } from './session.js';

/** The system of a node: the named one, or the only one. @throws BmcError */
export const readSystem = async (session: Session, { root, system }: RedfishOptions): Promise<Resource> => {
  if (system !== undefined) return session.read(session.follow(system) ?? system);
  const service = await session.read(root);
  const list = await session.read(session.follow(service.body.Systems) ?? `${root}Systems`);
  const members = objectsOf(list.body.Members);
  const path = session.follow(members[0]);
  if (members.length !== 1 || path === undefined)
    throw new BmcError('configuration', `The BMC has ${members.length} systems: driver_info needs redfish_system_id.`);
  return session.read(path);
};

export const powerStateOf = ({ body }: Resource): PowerState | null =>
  // One that is about to change (PoweringOn, PoweringOff) is neither.
  body.PowerState === 'On' ? 'power on' : body.PowerState === 'Off' ? 'power off' : null;

const RESETS: Record<PowerCommand, readonly string[]> = {
  on: ['On', 'ForceOn'],
  off: ['ForceOff'],
  'soft off': ['GracefulShutdown'],
};
/** The first of `wanted` that the BMC says it takes; it may say nothing. */
const choose = (wanted: readonly string[], allowed: Json | undefined): string | undefined =>
  Array.isArray(allowed) && allowed.length ? wanted.find((one) => allowed.includes(one)) : wanted[0];

/** Where and how a machine is switched. @throws BmcError `unsupported` */
export const resetOf = (system: Resource, command: PowerCommand): { reference: string; type: string } => {
  const action = objectOf(objectOf(system.body.Actions)['#ComputerSystem.Reset']);
  const type = choose(RESETS[command], action['ResetType@Redfish.AllowableValues']);
  if (type === undefined) throw new BmcError('unsupported', `The BMC can not switch the machine ${command}.`);
  const usual = `${system.path.replace(/\/$/, '')}/Actions/ComputerSystem.Reset`;
  return { reference: textOf(action.target) ?? usual, type };
};

const TARGETS: Record<BootDevice, readonly string[]> = {
  pxe: ['Pxe'],
  disk: ['Hdd'],
  cdrom: ['Cd', 'UsbCd'],
  bios: ['BiosSetup'],
  uefihttp: ['UefiHttp'],
};
const MODES: Record<BootMode, string> = { uefi: 'UEFI', bios: 'Legacy' };
const keysOf = <K extends string>(map: Record<K, unknown>): K[] => Object.keys(map) as K[];

const allowedTargets = (boot: JsonObject): Json | undefined => boot['BootSourceOverrideTarget@Redfish.AllowableValues'];
export const bootDevicesOf = ({ body }: Resource): BootDevice[] =>
  keysOf(TARGETS).filter((device) => choose(TARGETS[device], allowedTargets(objectOf(body.Boot))) !== undefined);
export const bootChoiceOf = ({ body }: Resource): BootChoice => {
  const { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled } = objectOf(body.Boot);
  const device = keysOf(TARGETS).find((one) => TARGETS[one].includes(textOf(target) ?? ''));
  if (device === undefined || enabled === 'Disabled') return { boot_device: null, persistent: null };
  return { boot_device: device, persistent: enabled === 'Continuous' };
};
export const bootModeOf = ({ body }: Resource): BootMode | null => {
  const mode = objectOf(body.Boot).BootSourceOverrideMode;
  return keysOf(MODES).find((one) => MODES[one] === mode) ?? null;
};

/** What a PATCH of the boot device has in it. @throws BmcError `unsupported` */
export const bootPatch = (system: Resource, device: BootDevice, persistent: boolean): JsonObject => {
  const target = choose(TARGETS[device], allowedTargets(objectOf(system.body.Boot)));
  if (target === undefined) throw new BmcError('unsupported', `The BMC can not boot the machine from ${device}.`);
  const enabled = persistent ? 'Continuous' : 'Once';
  return { Boot: { BootSourceOverrideTarget: target, BootSourceOverrideEnabled: enabled } };
};
export const bootModePatch = (mode: BootMode): JsonObject => ({ Boot: { BootSourceOverrideMode: MODES[mode] } });

/** Where the boot device is changed: some BMCs take what is for the next start in a resource of its own. */
export const bootResource = async (session: Session, system: Resource): Promise<Resource> => {
  const settings = session.follow(objectOf(system.body['@Redfish.Settings']).SettingsObject);
  if (settings === undefined) return system;
  try {
    const later = await session.read(settings);
    return isObject(later.body.Boot) ? later : system;
  } catch (err) {
    if (err instanceof BmcError && !err.passes) return system;
    throw err;
  }
};
