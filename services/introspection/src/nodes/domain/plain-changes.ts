import type { SecretBox } from '@nefos/service-kit';
import type { JsonObject } from '../../values.js';
import { MACHINE, type PortOfMachine } from '../store/machines.js';
import type { Node } from '../store/nodes.js';
import type { Machine } from './machine.js';
import { MAX_PORTS, portChanges } from './machines.js';
import { changedFields, rowChanges } from './node-changes.js';
import { nodeDocument } from './node-document.js';

/** Columns of a node `n` for a select, of which `machineOf` makes the machine. */
export const MACHINE_COLUMNS = MACHINE;
export type MachineRow = Node & { ports: PortOfMachine[] };
export const machineOf = ({ ports, ...node }: MachineRow): Machine => ({
  node: nodeDocument(node) as Machine['node'],
  ports,
  traits: new Set(node.traits),
});

/** What most reports change, and nothing else: it needs neither a secret nor what another table says. */
export interface PlainChanges {
  properties: JsonObject | null;
  extra: JsonObject | null;
  added: (PortOfMachine & { uuid: string })[];
}
const PLAIN = ['properties', 'extra'];
/**
 * The changes of a machine, if they are plain ones; others go by `saveMachine`.
 * @throws Fault invalid: a value that a node can not have
 */
export const plainChanges = (
  ctx: { secrets: SecretBox },
  before: Machine,
  after: Machine,
): PlainChanges | undefined => {
  const fields = changedFields(before.node, after.node);
  const ports = portChanges(before, after);
  const same = [...after.traits].sort().join() === [...before.traits].sort().join();
  if (!same || !fields.every((name) => PLAIN.includes(name)) || ports.changed.length || ports.removed.length)
    return undefined;
  if (before.ports.length + ports.added.length > MAX_PORTS) return undefined;
  const { uuid } = before.node;
  const given = Object.fromEntries(fields.map((name) => [name, after.node[name] ?? null]));
  const { properties, extra } = rowChanges(ctx, { uuid, driverInfo: {}, sealedDriverInfo: null, settings: {} }, given);
  return { properties: properties ?? null, extra: extra ?? null, added: ports.added };
};
