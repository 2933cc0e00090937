import { randomUUID } from 'node:crypto';
import { conflict, Fault, notFound, type Queryable, type Tx } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { registryTime } from '../../times.js';
import { setKey, shown, type Json, type JsonObject } from '../../values.js';
import {
  countPorts,
  deletePortRow,
  findPort,
  insertPortRow,
  listPortRows,
  lockPort,
  ports,
  takenOfPort,
  updatePort,
  type NewPort,
  type Port,
  type PortFilter,
} from '../store/ports.js';
import { applyPatch, readPatch } from './json-patch.js';
import { MAX_PORTS } from './machines.js';
import { refuseValue } from './node-values.js';
import { demandLockedNode, demandNode, findNode } from './nodes.js';
import { readPaging, refuseQuery, uuidIn, type Query } from './paging.js';
import { macAddress, PORT_FIELDS, PORT_PATCHABLE, portRow } from './port-fields.js';
import { uuidOf } from './refs.js';

export type { Port };
const versionRefused = () => new Fault('not_acceptable', 'version.field');
const portAbsent = (ref: string) => notFound('port.absent', { message: `Port ${shown(ref)} could not be found.` });
/** @throws Fault not_found port.absent; invalid query.value */
export const demandPort = async (q: Queryable, ref: string): Promise<Port> => {
  const uuid = uuidOf(ref) ?? refuseQuery(`Expected UUID for port: ${shown(ref)}`);
  const port = await findPort(q, uuid);
  if (!port) throw portAbsent(uuid);
  return port;
};
/** A port under its names on the wire, without links. */
export const portDocument = (port: Port, only: readonly string[] = Object.keys(PORT_FIELDS)): JsonObject => {
  const shownPort: JsonObject = {};
  for (const name of only) {
    if (!Object.hasOwn(PORT_FIELDS, name)) continue;
    const { property, absent = null } = PORT_FIELDS[name] ?? {};
    const value = property ? (port[property] as Json) : absent;
    setKey(shownPort, name, name.endsWith('_at') ? registryTime(value as string | null) : value);
  }
  return shownPort;
};
/**
 * Turns what the database refuses into a refusal.
 * @throws Fault conflict port.taken; invalid node.value; or the error
 */
const refuseTaken = (err: unknown, { uuid, address, nodeUuid }: Partial<Port>): never => {
  const taken = takenOfPort(err);
  if (taken === 'node') return refuseValue(`Node ${nodeUuid ?? ''} could not be found.`);
  if (taken === undefined) throw err;
  throw conflict('port.taken', {
    message:
      taken === 'address'
        ? `A port with MAC address ${address ?? ''} already exists.`
        : `A port with UUID ${uuid ?? ''} already exists.`,
  });
};
/** The node may get one more port; nobody else gives it one until the transaction ends. @throws Fault invalid */
const demandRoom = async (tx: Tx, nodeUuid: string): Promise<void> => {
  if (!(await findNode(tx, nodeUuid))) refuseValue(`Node ${nodeUuid} could not be found.`);
  await demandLockedNode(tx, nodeUuid);
  if ((await countPorts(tx, nodeUuid)) >= MAX_PORTS) refuseValue(`A node can not have more than ${MAX_PORTS} ports.`);
};
/**
 * Registers a port.
 * @throws Fault invalid node.value; not_acceptable: a field is newer than the version; conflict port.taken
 */
export const createPort = (ctx: IntrospectionCtx, body: JsonObject, version: number): Promise<Port> => {
  for (const [name, value] of Object.entries(body)) {
    const { set, since = 1 } = (Object.hasOwn(PORT_FIELDS, name) ? PORT_FIELDS[name] : undefined) ?? {};
    if (!set)
      refuseValue(`Schema error for port: Additional properties are not allowed ('${shown(name)}' was unexpected)`);
    if (version < since && value !== null) throw versionRefused();
  }
  for (const name of ['address', 'node_uuid'])
    if (body[name] === undefined) refuseValue(`Schema error for port: '${name}' is a required property`);
  const row = { ...portRow(body), uuid: String(uuidOf(body.uuid) ?? randomUUID()) } as NewPort;
  if (!row.nodeUuid) refuseValue('Schema error for port: node_uuid is not of type string');
  return ctx.db.transaction(async (tx) => {
    await demandRoom(tx, row.nodeUuid);
    return insertPortRow(tx, row).catch((err: unknown) => refuseTaken(err, row));
  });
};
/**
 * Changes a port as a JSON patch says.
 * @throws Fault invalid: patch, node.value; not_acceptable version.field; not_found port.absent; conflict port.taken
 */
export const patchPort = (
  ctx: IntrospectionCtx,
  ref: string,
  body: readonly unknown[],
  version: number,
): Promise<Port> =>
  ctx.db.transaction(async (tx) => {
    const patch = readPatch(body);
    for (const { parts, path } of patch)
      if (!PORT_PATCHABLE.includes(parts[0] as string))
        refuseValue(`Cannot patch ${shown(path)}. Only the following can be updated: ${PORT_PATCHABLE.join(', ')}`);
    for (const { parts } of patch) if (version < (PORT_FIELDS[parts[0] as string]?.since ?? 1)) throw versionRefused();
    const { uuid } = await demandPort(tx, ref);
    const port = await lockPort(tx, uuid);
    if (!port) throw portAbsent(uuid);
    const before = portDocument(port);
    const after = applyPatch(before, patch);
    const touched = [...new Set(patch.map(({ parts }) => parts[0] as string))];
    for (const name of ['address', 'node_uuid'])
      if (touched.includes(name) && !Object.hasOwn(after, name))
        refuseValue(`'/${name}' is a mandatory attribute and can not be removed`);
    const row = portRow(Object.fromEntries(touched.map((name) => [name, after[name] ?? null])));
    if (touched.includes('node_uuid') && row.nodeUuid !== port.nodeUuid) {
      if (!row.nodeUuid) refuseValue('Schema error for port: node_uuid is not of type string');
      await demandRoom(tx, row.nodeUuid as string);
    }
    const differing = Object.fromEntries(
      Object.entries(row).filter(([name, value]) => JSON.stringify(value) !== JSON.stringify(port[name as keyof Port])),
    );
    await updatePort(tx, uuid, differing).catch((err: unknown) => refuseTaken(err, row));
    return demandPort(tx, uuid);
  });
/** @throws Fault not_found port.absent */
export const deletePort = (ctx: IntrospectionCtx, ref: string): Promise<void> =>
  ctx.db.transaction(async (tx) => {
    const { uuid } = await demandPort(tx, ref);
    if (!(await deletePortRow(tx, uuid))) throw portAbsent(uuid);
  });

const sortProperty = (key: string, version: number): keyof Port => {
  if (key === 'id') return 'id';
  const { property, since = 1 } = (Object.hasOwn(PORT_FIELDS, key) ? PORT_FIELDS[key] : undefined) ?? {};
  if (!property || ports.definitions[property].type === 'json')
    return refuseQuery(`The sort_key value "${shown(key)}" is an invalid field for sorting`);
  if (version < since) throw versionRefused();
  return property;
};
/** The filter of a query; undefined: no port can be meant. */
const readFilter = async (
  q: Queryable,
  query: Query,
  version: number,
  ofNode: string | undefined,
): Promise<PortFilter | undefined> => {
  const ref = ofNode ?? query.node;
  if (query.node !== undefined && version < 5 && uuidOf(ref) === undefined) throw versionRefused();
  const byNode = ref === undefined ? undefined : (await demandNode(q, ref)).uuid;
  const byUuid = uuidIn('node_uuid', query.node_uuid);
  if (byNode !== undefined && byUuid !== undefined && byNode !== byUuid) return undefined;
  const address = query.address === undefined ? undefined : macAddress('address', query.address);
  if (query.portgroup !== undefined || query.shard !== undefined) return undefined;
  const nodeUuid = byNode ?? byUuid;
  return { ...(nodeUuid !== undefined && { nodeUuid }), ...(address !== undefined && { address }) };
};
export interface PortPage {
  ports: Port[];
  next?: string;
  limit: number;
}
/**
 * A page of the ports that a query asks for.
 * @param options.ofNode only this node's
 * @throws Fault invalid query.value; not_acceptable; not_found: the node, or the port of the marker
 */
export const listPorts = async (
  q: Queryable,
  query: Query,
  { version, maximum, ofNode }: { version: number; maximum: number; ofNode?: string },
): Promise<PortPage> => {
  const { limit, marker, sortKey, descending } = readPaging(query, maximum);
  const property = sortProperty(sortKey, version);
  const filter = await readFilter(q, query, version, ofNode);
  const last = marker === undefined ? undefined : await findPort(q, marker);
  if (marker !== undefined && !last) throw portAbsent(marker);
  if (!filter) return { ports: [], limit };
  const after = last && { id: last.id, value: last[property] };
  const rows = await listPortRows(q, filter, { property, descending, limit, ...(after && { after }) });
  const page = rows.slice(0, limit);
  const next = rows.length > limit ? page.at(-1)?.uuid : undefined;
  return { ports: page, limit, ...(next !== undefined && { next }) };
};
