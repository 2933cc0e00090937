import { Fault, type SecretBox } from '@nefos/service-kit';
import { objectOf, shown, type Json, type JsonObject } from '../../values.js';
import type { Node, NodeChanges } from '../store/nodes.js';
import { bmcHostOf } from './bmc-address.js';
import { driverInfoOf, sealDriverInfo } from './driver-secrets.js';
import { hardwareTypeOf, INTERFACE_FIELDS, type InterfaceField } from './drivers.js';
import { FIELDS, PATCHABLE, isInterfaceField } from './node-fields.js';
import { refuseValue } from './node-values.js';

/** @throws Fault invalid node.read_only */
export const refuseReadOnly = (path: string): never => {
  throw new Fault('invalid', 'node.read_only', {
    message: `Cannot patch ${shown(path)}. Only the following can be updated: ${PATCHABLE.join(', ')}`,
  });
};
const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
/** The fields of a node's document that differ. */
export const changedFields = (before: JsonObject, after: JsonObject): string[] =>
  [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => {
    const value = (document: JsonObject): Json | undefined =>
      Object.hasOwn(document, name) ? document[name] : undefined;
    return !same(value(before), value(after));
  });
/** Interfaces have to be the driver's. @throws Fault invalid node.value */
export const demandInterfaces = (driver: string, chosen: JsonObject): void => {
  const type = hardwareTypeOf(driver);
  for (const field of Object.keys(INTERFACE_FIELDS) as InterfaceField[]) {
    const value = Object.hasOwn(chosen, field) ? chosen[field] : null;
    if (typeof value !== 'string' || type?.interfaces[field].includes(value)) continue;
    const kind = field.replace('_interface', '');
    refuseValue(
      `Could not find the following interface in the 'ironic.hardware.interfaces.${kind}' entrypoint: ` +
        `${shown(value)}. Valid interfaces are ${JSON.stringify(type?.interfaces[field] ?? [])}.`,
    );
  }
};
/** What the fields of a document are in the row. `settings` and `driver_info` are made of what is stored already. */
export const rowChanges = (
  ctx: { secrets: SecretBox },
  stored: Pick<Node, 'uuid' | 'driverInfo' | 'sealedDriverInfo' | 'settings'>,
  fields: JsonObject,
): NodeChanges => {
  const changes: Record<string, unknown> = {};
  let settings: JsonObject | undefined;
  for (const [name, given] of Object.entries(fields)) {
    const { property, check } = FIELDS[name] ?? {};
    const value = check ? check(name, given) : given;
    if (property === 'driverInfo') {
      const info = objectOf(value);
      const sealed = sealDriverInfo(ctx, stored.uuid, info, stored);
      // An address with a password in it comes back as a mask: the host is that of what the mask stands for.
      const bmcAddress = bmcHostOf(driverInfoOf(ctx, { uuid: stored.uuid, ...sealed }));
      Object.assign(changes, sealed, { bmcAddress });
    } else if (property) changes[property] = value;
    else {
      // Filters read `settings` by PostgreSQL, whose texts can not hold NUL.
      if (JSON.stringify(value).includes('\\u0000'))
        refuseValue(`Invalid ${name}: it has a character that can not be stored`);
      settings ??= { ...stored.settings };
      if (value === null) delete settings[name];
      else settings[name] = value;
    }
  }
  return { ...changes, ...(settings && { settings }) };
};
/** Whether what is stored has to be known in order to change these fields. */
export const needsStored = (fields: readonly string[]): boolean =>
  fields.some(
    (name) => name === 'driver' || name === 'driver_info' || isInterfaceField(name) || !FIELDS[name]?.property,
  );

/**
 * What a change of these fields is in the row, with the interfaces looked at.
 * @param reset other interfaces than those of `fields` go back to the driver's
 * @throws Fault invalid node.value
 */
export const nodeChanges = (
  ctx: { secrets: SecretBox },
  node: Node,
  fields: JsonObject,
  reset: boolean,
): NodeChanges => {
  const chosen = (name: string): boolean => Object.hasOwn(fields, name);
  const settings = reset
    ? Object.fromEntries(Object.entries(node.settings).filter(([name]) => !isInterfaceField(name) || chosen(name)))
    : node.settings;
  const changes = rowChanges(ctx, { ...node, settings }, fields);
  if (reset) {
    changes.settings ??= settings;
    changes.inspectInterface ??= null;
  }
  const inspect = changes.inspectInterface === undefined ? node.inspectInterface : changes.inspectInterface;
  if (chosen('driver') || Object.keys(fields).some(isInterfaceField))
    demandInterfaces(changes.driver ?? node.driver, {
      ...(changes.settings ?? node.settings),
      inspect_interface: inspect,
    });
  return changes;
};
