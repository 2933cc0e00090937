import { registryTime } from '../../times.js';
import { isObject, setKey, type Json, type JsonObject } from '../../values.js';
import type { Node } from '../store/nodes.js';
import { masked } from './driver-secrets.js';
import { defaultInterface } from './drivers.js';
import { FIELDS, isInterfaceField } from './node-fields.js';

const TIMES = new Set<keyof Node>([
  'provisionUpdatedAt',
  'inspectionStartedAt',
  'inspectionFinishedAt',
  'createdAt',
  'updatedAt',
]);
const HIDDEN = new Set<keyof Node>(['instanceInfo', 'driverInternalInfo']);
const valueOf = (node: Node, name: string): Json => {
  const { property, absent = null } = FIELDS[name] ?? {};
  const stored = property
    ? (node[property] as Json)
    : Object.hasOwn(node.settings, name)
      ? (node.settings[name] as Json)
      : null;
  if (stored === null) return isInterfaceField(name) ? defaultInterface(node.driver, name) : absent;
  if (property !== undefined && TIMES.has(property)) return registryTime(stored as string);
  return property !== undefined && HIDDEN.has(property) && isObject(stored) ? masked(stored) : stored;
};
/** A node under its names on the wire, without links and traits; secrets are masked. @param only these fields */
export const nodeDocument = (node: Node, only: readonly string[] = Object.keys(FIELDS)): JsonObject => {
  const document: JsonObject = {};
  for (const name of only) if (Object.hasOwn(FIELDS, name)) setKey(document, name, valueOf(node, name));
  return document;
};
