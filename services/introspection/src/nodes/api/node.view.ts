import type { JsonObject } from '../../values.js';
import { CONDUCTOR } from '../domain/conductor.js';
import { nodeDocument } from '../domain/node-document.js';
import { FIELDS } from '../domain/node-fields.js';
import type { Node } from '../domain/nodes.js';
import { linksTo } from './links.js';

/** Links to what belongs to a node, from which version on. */
const PARTS: Readonly<Record<string, number>> = { ports: 1, states: 14, portgroups: 24, volume: 32 };
/** Every field of a node in an answer, with the version from which on it is known. */
export const NODE_FIELDS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(Object.entries(FIELDS).map(([name, { since }]) => [name, since])),
  traits: 37,
  conductor: 49,
  ...PARTS,
};
/** What a list shows of each node. */
export const BRIEF = ['instance_uuid', 'maintenance', 'power_state', 'provision_state', 'uuid', 'name'];
/** Older versions have other names for some states. */
const stateIn = (version: number, state: unknown): string | null => {
  if (version < 2 && state === 'available') return null;
  return version < 39 && state === 'inspect wait' ? 'inspecting' : String(state);
};
/** @param fields of the answer */
export const nodeView = (base: string, node: Node, version: number, fields: readonly string[]): JsonObject => {
  const view = nodeDocument(node, fields);
  if (Object.hasOwn(view, 'provision_state')) view.provision_state = stateIn(version, view.provision_state);
  for (const name of fields)
    if (name === 'traits') view.traits = node.traits;
    else if (name === 'conductor') view.conductor = CONDUCTOR;
    else if (Object.hasOwn(PARTS, name)) view[name] = linksTo(base, `nodes/${node.uuid}/${name}`);
  return { ...view, links: linksTo(base, `nodes/${node.uuid}`) };
};
const STATES = [
  ...['console_enabled', 'last_error', 'power_state', 'provision_state', 'target_power_state'],
  ...[
    'target_provision_state',
    'provision_updated_at',
    'raid_config',
    'target_raid_config',
    'boot_mode',
    'secure_boot',
  ],
];
/** The states of a node alone. */
export const statesView = (node: Node, version: number): JsonObject => {
  const view = nodeDocument(
    node,
    STATES.filter((name) => (NODE_FIELDS[name] ?? 1) <= version),
  );
  return { ...view, provision_state: stateIn(version, view.provision_state) };
};
