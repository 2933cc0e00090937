import { Fault, type Queryable } from '@nefos/service-kit';
import { shown } from '../../values.js';
import { findNodeByUuid, nodes, type Node } from '../store/nodes.js';
import { listNodeRows, type NodeFilter, type Order } from '../store/node-list.js';
import { CONDUCTOR } from './conductor.js';
import { IN_BAND } from './drivers.js';
import { FIELDS } from './node-fields.js';
import { nodeAbsent } from './nodes.js';
import { flagOf, namesOf, readPaging, refuseQuery, uuidIn, type Query } from './paging.js';
import { PROVISION_STATES } from './provision-states.js';
import { demandSince } from './versions.js';

/** From which version on a filter is known. */
const SINCE: Readonly<Record<string, number>> = {
  provision_state: 9,
  driver: 16,
  resource_class: 21,
  fault: 42,
  conductor_group: 46,
  conductor: 49,
  owner: 50,
  description_contains: 51,
  retired: 61,
  lessee: 65,
  shard: 82,
  sharded: 82,
  parent_node: 83,
  include_children: 83,
};
const FAULTS = ['power failure', 'clean failure', 'rescue abort failure', 'service failure'];
type Texts = 'driver' | 'resourceClass' | 'owner' | 'lessee' | 'project' | 'conductorGroup' | 'description';
const TEXTS: Readonly<Record<Texts, string>> = {
  driver: 'driver',
  resourceClass: 'resource_class',
  owner: 'owner',
  lessee: 'lessee',
  project: 'project',
  conductorGroup: 'conductor_group',
  description: 'description_contains',
};
/** The filter of a query; undefined: no node can be meant. @throws Fault invalid, not_acceptable */
const readFilter = (query: Query, version: number): NodeFilter | undefined => {
  for (const [name, since] of Object.entries(SINCE)) if (query[name] !== undefined) demandSince(version, since);
  const state = query.provision_state;
  if (state !== undefined && !PROVISION_STATES.includes(state))
    refuseQuery(`Provision state "${shown(state)}" is not valid`);
  if (query.fault !== undefined && !FAULTS.includes(query.fault))
    refuseQuery(`Unrecognized fault "${shown(query.fault)}" is specified, allowed faults are ${FAULTS.join(', ')}`);
  const chassis = uuidIn('chassis_uuid', query.chassis_uuid);
  const inspect = query.inspect_interface;
  const shards = namesOf(query.shard);
  const found = {
    ...Object.fromEntries(Object.entries(TEXTS).map(([property, name]) => [property, query[name]])),
    provisionState: state,
    maintenance: flagOf('maintenance', query.maintenance),
    associated: flagOf('associated', query.associated),
    instanceUuid: uuidIn('instance_uuid', query.instance_uuid),
    retired: flagOf('retired', query.retired),
    sharded: flagOf('sharded', query.sharded),
    parentNode: uuidIn('parent_node', query.parent_node),
    inspectInterface: inspect === undefined ? undefined : { name: inspect, absent: inspect === IN_BAND[0] },
    shards: shards?.length ? shards : undefined,
  };
  flagOf('include_children', query.include_children);
  const elsewhere = query.conductor !== undefined && query.conductor !== CONDUCTOR;
  if (chassis !== undefined || query.fault !== undefined || elsewhere) return undefined;
  return Object.fromEntries(Object.entries(found).filter(([, value]) => value !== undefined));
};
const sortProperty = (key: string, version: number): keyof Node => {
  if (key === 'id') return 'id';
  const { property, since = 1 } = (Object.hasOwn(FIELDS, key) ? FIELDS[key] : undefined) ?? {};
  const column = property && nodes.definitions[property];
  if (!property || !column || column.type === 'json')
    return refuseQuery(`The sort_key value "${shown(key)}" is an invalid field for sorting`);
  if (version < since) throw new Fault('not_acceptable', 'version.field');
  return property;
};
export interface NodePage {
  nodes: Node[];
  /** The UUID after which the next page begins; undefined: there is none. */
  next?: string;
  limit: number;
}
/** Which properties of a row the fields of an answer need. */
const propertiesOf = (fields: readonly string[]): (keyof Node)[] => [
  ...new Set(fields.map((name) => (name === 'traits' ? 'traits' : (FIELDS[name]?.property ?? 'settings')))),
];
/** Documents of a node are up to some hundred kB: a page with them has fewer nodes, and a link to the next. */
const MOST_IN_DETAIL = 200;
const hasDocuments = (properties: readonly (keyof Node)[]): boolean =>
  properties.some((name) => nodes.definitions[name].type === 'json');
/**
 * A page of the nodes that a query asks for.
 * @param fields of the answer: no others are read
 * @throws Fault invalid query.value; not_acceptable version.old, version.field; not_found node.absent: the marker
 */
export const listNodes = async (
  q: Queryable,
  query: Query,
  { version, maximum, fields }: { version: number; maximum: number; fields: readonly string[] },
): Promise<NodePage> => {
  const filter = readFilter(query, version);
  const properties = propertiesOf(fields);
  const most = hasDocuments(properties) ? Math.min(maximum, MOST_IN_DETAIL) : maximum;
  const { limit, marker, sortKey, descending } = readPaging(query, most);
  const property = sortProperty(sortKey, version);
  const last = marker === undefined ? undefined : await findNodeByUuid(q, marker);
  if (marker !== undefined && !last) throw nodeAbsent(marker);
  if (!filter) return { nodes: [], limit };
  const order: Order = { property, descending, limit, ...(last && { after: { id: last.id, value: last[property] } }) };
  const rows = await listNodeRows(q, filter, order, properties);
  const page = rows.slice(0, limit);
  const next = rows.length > limit ? page.at(-1)?.uuid : undefined;
  return { nodes: page, limit, ...(next !== undefined && { next }) };
};
