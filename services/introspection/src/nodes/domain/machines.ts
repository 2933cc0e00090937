import { randomUUID } from 'node:crypto';
import { Fault, type SecretBox, type Tx } from '@nefos/service-kit';
import type { JsonObject } from '../../values.js';
import { lockMachine, updateMachine, type MachineChanges, type PortOfMachine } from '../store/machines.js';
import { lockNode, type NodeChanges } from '../store/nodes.js';
import { changedFields, needsStored, nodeChanges, refuseReadOnly, rowChanges } from './node-changes.js';
import { nodeDocument } from './node-document.js';
import { PATCHABLE } from './node-fields.js';
import type { Machine } from './machine.js';
import { nodeAbsent } from './nodes.js';
import { demandTraits } from './trait-names.js';

/**
 * A node with its ports and traits, for processing; nobody else changes the node until the transaction ends. Secrets
 * are masked; a mask that is still there when the machine is saved stands for the secret.
 */
export const loadMachine = async (tx: Tx, uuid: string): Promise<Machine | undefined> => {
  const found = await lockMachine(tx, uuid);
  if (!found) return undefined;
  const { ports, ...node } = found;
  return { node: nodeDocument(node) as Machine['node'], ports, traits: new Set(node.traits) };
};
/** The same machine, to be changed. */
export const copyMachine = (machine: Machine): Machine => structuredClone(machine);

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
const plain = ({ address, pxe_enabled, extra, local_link_connection, physical_network }: PortOfMachine) => ({
  address,
  pxe_enabled,
  extra,
  local_link_connection,
  physical_network,
});
export const portChanges = (before: Machine, after: Machine): Omit<MachineChanges, 'node'> => {
  const old = new Map(before.ports.map((port) => [port.address, port]));
  const now = new Map(after.ports.map((port) => [port.address, port]));
  const kept = [...now.values()];
  return {
    added: kept.filter(({ address }) => !old.has(address)).map((port) => ({ ...plain(port), uuid: randomUUID() })),
    changed: kept.filter((port) => {
      const was = old.get(port.address);
      return was !== undefined && !same(plain(was), plain(port));
    }),
    removed: [...old.keys()].filter((address) => !now.has(address)),
  };
};
const changesOf = async (
  ctx: { secrets: SecretBox },
  tx: Tx,
  before: Machine,
  after: Machine,
): Promise<NodeChanges> => {
  const { uuid } = before.node;
  const changed = changedFields(before.node, after.node);
  for (const name of changed) if (!PATCHABLE.includes(name)) refuseReadOnly(`/${name}`);
  const fields: JsonObject = Object.fromEntries(changed.map((name) => [name, after.node[name] ?? null]));
  if (!needsStored(changed))
    return rowChanges(ctx, { uuid, driverInfo: {}, sealedDriverInfo: null, settings: {} }, fields);
  const stored = await lockNode(tx, uuid);
  if (!stored) throw nodeAbsent(uuid);
  // With another driver come its interfaces (contract introspection §8.4).
  return nodeChanges(ctx, stored, fields, changed.includes('driver'));
};
/**
 * Writes what differs between a machine as it was loaded and as it is now, in one statement; nothing when nothing
 * does. A new port whose address is another node's is left out.
 * @throws Fault invalid: a value that a node can not have, or a field that nobody sets
 */
export const saveMachine = async (
  ctx: { secrets: SecretBox },
  tx: Tx,
  before: Machine,
  after: Machine,
): Promise<void> => {
  const node = await changesOf(ctx, tx, before, after);
  const traits = [...after.traits].sort();
  if (!same([...before.traits].sort(), traits)) node.traits = demandTraits(before.node.uuid, traits);
  const ports = portChanges(before, after);
  if (ports.added.length && before.ports.length + ports.added.length - ports.removed.length > MAX_PORTS)
    throw new Fault('invalid', 'node.value', { message: `A node can not have more than ${MAX_PORTS} ports.` });
  await updateMachine(tx, before.node.uuid, { node, ...ports });
};
/** Of one node. */
export const MAX_PORTS = 1000;
