import { conflict, Fault, forbidden } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import type { Json, JsonObject } from '../../values.js';
import { deleteNodeRow, updateNode, type Node, type NodeChanges } from '../store/nodes.js';
import { applyPatch, readPatch, type PatchOp } from './json-patch.js';
import { nodeChanges, refuseReadOnly } from './node-changes.js';
import { nodeDocument } from './node-document.js';
import { FIELDS, PATCHABLE } from './node-fields.js';
import { demandName } from './node-names.js';
import { refuseValue } from './node-values.js';
import { demandLockedNode, demandNode } from './nodes.js';
import { CHANGEABLE, DELETABLE, STATES } from './provision-states.js';
import { insertNode, refuseTaken } from './register.js';

const versionRefused = () => new Fault('not_acceptable', 'version.field');
/** Up to this version the original's new nodes are available at once. */
const LAST_WITH_AVAILABLE = 10;
/**
 * Registers a node as a person sends it. Clients ask for an old version where they want an available node; who names
 * none gets one that can be introspected.
 * @throws Fault invalid; not_acceptable: a field is newer than the version; conflict node.taken
 */
export const createNode = (
  ctx: IntrospectionCtx,
  body: JsonObject,
  version: number,
  isNamed: boolean,
): Promise<Node> => {
  for (const [name, { since }] of Object.entries(FIELDS))
    if (version < since && Object.hasOwn(body, name) && body[name] !== null) throw versionRefused();
  if (body.name !== undefined && body.name !== null)
    demandName(body.name, version, (name) => `Cannot create node with invalid name '${name}'`);
  return ctx.db.transaction(async (tx) => {
    const node = await insertNode(ctx, tx, body);
    if (!isNamed || version > LAST_WITH_AVAILABLE) return node;
    await updateNode(tx, node.uuid, { provisionState: STATES.available });
    return demandNode(tx, node.uuid);
  });
};

const demandPatchable = (patch: readonly PatchOp[], version: number): void => {
  for (const { parts, path } of patch) if (!PATCHABLE.includes(parts[0] as string)) refuseReadOnly(path);
  for (const { parts, op } of patch)
    if (op !== 'remove' && parts.length === 1 && version < (FIELDS[parts[0] as string]?.since ?? 1))
      throw versionRefused();
};
/** @throws Fault conflict node.state */
const demandChangeable = (node: Node, ref: string, version: number): void => {
  if (node.targetProvisionState !== null && !CHANGEABLE.includes(node.provisionState))
    throw conflict('node.state', {
      message: `Node ${ref} can not be updated while a state transition is in progress.`,
    });
  if (node.provisionState === STATES.inspecting && version >= 39)
    throw conflict('node.state', {
      message: `Cannot update node "${node.uuid}" while it is in state "${STATES.inspecting}".`,
    });
};
/**
 * Settings, where a node that is not retired (any more) has no reason for it.
 * @throws Fault conflict node.state: instances may be placed on it
 */
const retirement = ({ uuid, provisionState, settings: before }: Node, settings: JsonObject): JsonObject => {
  if (settings.retired !== true) {
    const { retired_reason: _gone, ...others } = settings;
    return others;
  }
  if (before.retired !== true && provisionState === STATES.available)
    throw conflict('node.state', {
      message: `Node ${uuid} can not have 'retired' set in provision state 'available': manage it first.`,
    });
  return settings;
};
const same = (a: unknown, b: unknown): boolean => a === b || JSON.stringify(a) === JSON.stringify(b);
/**
 * Changes a node as a person's JSON patch says.
 * @param options.resetInterfaces with a new driver: its own interfaces
 * @throws Fault invalid: patch, node.read_only, node.value; not_acceptable version.field; conflict node.state,
 * node.taken
 */
export const patchNode = (
  ctx: IntrospectionCtx,
  ref: string,
  body: readonly unknown[],
  { version, resetInterfaces }: { version: number; resetInterfaces: boolean | undefined },
): Promise<Node> =>
  ctx.db.transaction(async (tx) => {
    const patch = readPatch(body);
    demandPatchable(patch, version);
    const setsDriver = patch.some(({ op, path }) => path === '/driver' && op !== 'remove');
    if (resetInterfaces && !setsDriver)
      refuseValue("The reset_interfaces parameter can only be used when changing the node's driver.");
    const node = await demandLockedNode(tx, ref);
    demandChangeable(node, ref, version);
    for (const { path, op, value } of patch)
      if (path === '/name' && op !== 'remove' && value !== null)
        demandName(value, version, (name) => `Node ${ref}: Cannot change name to invalid name '${name}'`);
    const after = applyPatch(nodeDocument(node), patch);
    const touched = [...new Set(patch.map(({ parts }) => parts[0] as string))];
    const fields: JsonObject = Object.fromEntries(touched.map((name) => [name, after[name] ?? null]));
    const changes = nodeChanges(ctx, node, fields, resetInterfaces === true);
    if (changes.maintenance === false) changes.maintenanceReason = null;
    if (changes.settings) changes.settings = retirement(node, changes.settings);
    const differing = Object.fromEntries(
      Object.entries(changes).filter(([name, value]) => !same(value, node[name as keyof Node])),
    ) as NodeChanges;
    await updateNode(tx, node.uuid, differing).catch((err: unknown) =>
      refuseTaken(err, { name: changes.name, instance_uuid: changes.instanceUuid }),
    );
    return demandNode(tx, node.uuid);
  });
/**
 * Removes a node, its ports and all that was found out about it.
 * @throws Fault not_found node.absent; conflict node.state; forbidden node.protected
 */
export const deleteNode = (ctx: IntrospectionCtx, ref: string): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const node = await demandLockedNode(tx, ref);
    if (node.instanceUuid !== null)
      throw conflict('node.state', { message: `Node ${node.uuid} is associated with instance ${node.instanceUuid}.` });
    if (node.settings.protected === true)
      throw forbidden('node.protected', {
        message: `Node ${node.uuid} is protected and can not be undeployed, rebuilt or deleted`,
      });
    if (!node.maintenance && !DELETABLE.includes(node.provisionState))
      throw conflict('node.state', {
        message:
          `Can not delete node "${node.uuid}" while it is in provision state "${node.provisionState}". Valid ` +
          `provision states to perform deletion are: "${DELETABLE.join('", "')}", or set maintenance mode`,
      });
    await deleteNodeRow(tx, node.uuid);
  });
/** @param reason absent or null: none */
export const setMaintenance = (
  ctx: IntrospectionCtx,
  ref: string,
  maintenance: boolean,
  reason: Json = null,
): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    if (reason !== null && (typeof reason !== 'string' || reason.length > 4096))
      return refuseValue('Expected string for reason of at most 4096 characters');
    const node = await demandLockedNode(tx, ref);
    await updateNode(tx, node.uuid, { maintenance, maintenanceReason: maintenance ? reason : null });
  });
