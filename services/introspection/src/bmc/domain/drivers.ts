import { Fault, type SecretBox } from '@nefos/service-kit';
import { driverInfoOf } from '../../nodes/domain/driver-secrets.js';
import type { Node } from '../../nodes/domain/nodes.js';
import { textOf } from '../../values.js';
import { fakeHardware } from '../fake-hardware.js';
import { ipmi } from '../ipmi/driver.js';
import { manual } from '../manual.js';
import { redfish } from '../redfish/driver.js';
import type { BmcDriver, BmcTarget, BootMode } from './driver.js';

const DRIVERS = new Map([fakeHardware, ipmi, manual, redfish].map((driver) => [driver.name, driver]));

/** @throws Fault invalid node.driver: the node was made when there was such a driver */
export const driverOf = ({ driver: name }: { driver: string }): BmcDriver => {
  const driver = DRIVERS.get(name);
  if (!driver) throw new Fault('invalid', 'node.driver', { message: `There is no driver ${name}.` });
  return driver;
};
/** The mode that the operator wants: `boot_mode:uefi` among the capabilities. */
const bootModeOf = ({ properties }: Pick<Node, 'properties'>): BootMode | undefined => {
  const [, mode] = /(?:^|,)\s*boot_mode:(uefi|bios)\s*(?:,|$)/.exec(textOf(properties.capabilities) ?? '') ?? [];
  return mode as BootMode | undefined;
};
/** A node as drivers need it, with its secrets: neither for an answer nor for a log. */
export const targetOf = (
  ctx: { secrets: SecretBox },
  node: Pick<Node, 'uuid' | 'driver' | 'driverInfo' | 'sealedDriverInfo' | 'properties'>,
): BmcTarget => {
  const bootMode = bootModeOf(node);
  return { uuid: node.uuid, driver: node.driver, info: driverInfoOf(ctx, node), ...(bootMode && { bootMode }) };
};
