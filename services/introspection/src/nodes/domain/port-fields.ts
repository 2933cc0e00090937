import { shown, type Json, type JsonObject } from '../../values.js';
import type { Port } from '../store/ports.js';
import { document, refuseValue, textUpTo, truth, uuid, type Check } from './node-values.js';

const MAC = /^[0-9a-f]{2}(?::[0-9a-f]{2}){5}$/i;
export const macAddress: Check<string> = (_field, value) =>
  typeof value === 'string' && MAC.test(value)
    ? value.toLowerCase()
    : refuseValue(`Expected a MAC address but received ${shown(value ?? null)}.`);
const LINK_KEYS = ['port_id', 'switch_id', 'hostname', 'switch_info', 'network_type'];
const DATAPATH = /^[0-9a-f]{16}$/i;
/** How the port is cabled; empty, or naming switch and port. */
const localLink: Check = (field, value) => {
  const given = document(field, value);
  const invalid = (reason: string): never => refuseValue(`Schema error for ${field}: ${reason}`);
  for (const [key, one] of Object.entries(given)) {
    if (!LINK_KEYS.includes(key)) invalid(`Additional properties are not allowed ('${shown(key)}' was unexpected)`);
    if (typeof one !== 'string' || one.length > 255) invalid(`${key} is not a string of at most 255 characters`);
  }
  const { port_id: port, switch_id: id, hostname, network_type: type } = given;
  if (type !== undefined && type !== 'managed' && type !== 'unmanaged')
    invalid(`${shown(type)} is not one of ['managed', 'unmanaged']`);
  const isWhole = port !== undefined && (id !== undefined || hostname !== undefined);
  if (Object.keys(given).length && !isWhole && type !== 'unmanaged')
    invalid(`${JSON.stringify(given).slice(0, 200)} lacks port_id, or both of switch_id and hostname`);
  if (typeof id !== 'string') return given;
  if (!MAC.test(id) && !DATAPATH.test(id))
    refuseValue(`Expected a MAC address or OpenFlow datapath ID but received ${shown(id)}.`);
  return { ...given, switch_id: id.toLowerCase() };
};
const portgroup: Check = (field, value) => {
  const found = uuid(field, value);
  return found === null ? null : refuseValue(`Portgroup ${found} could not be found.`);
};
const flag =
  (absent: boolean): Check =>
  (field, value) =>
    truth(field, value) ?? absent;
export interface PortField {
  since: number;
  property?: keyof Port;
  absent?: Json;
  set?: 'create' | 'both';
  check?: Check;
}
/** Every field of a port but links (contract introspection §11.2). */
export const PORT_FIELDS: Readonly<Record<string, PortField>> = {
  uuid: { since: 1, property: 'uuid', set: 'create', check: uuid },
  address: { since: 1, property: 'address', set: 'both', check: macAddress },
  node_uuid: { since: 1, property: 'nodeUuid', set: 'both', check: uuid },
  extra: { since: 1, property: 'extra', set: 'both', check: document },
  internal_info: { since: 18, absent: {} },
  local_link_connection: { since: 19, property: 'localLinkConnection', set: 'both', check: localLink },
  pxe_enabled: { since: 19, property: 'pxeEnabled', set: 'both', check: flag(true) },
  portgroup_uuid: { since: 24, set: 'both', check: portgroup },
  physical_network: { since: 34, property: 'physicalNetwork', set: 'both', check: textUpTo(64) },
  is_smartnic: { since: 53, property: 'isSmartnic', set: 'both', check: flag(false) },
  name: { since: 88, property: 'name', set: 'both', check: textUpTo(255) },
  created_at: { since: 1, property: 'createdAt' },
  updated_at: { since: 1, property: 'updatedAt' },
};
export const PORT_PATCHABLE = Object.entries(PORT_FIELDS)
  .filter(([, { set }]) => set === 'both')
  .map(([name]) => name)
  .sort();
/** The values of fields as properties of the row. @throws Fault invalid node.value */
export const portRow = (fields: JsonObject): Partial<Port> => {
  const row: Record<string, Json> = {};
  for (const [name, given] of Object.entries(fields)) {
    const { property, check } = PORT_FIELDS[name] ?? {};
    const value = check ? check(name, given) : given;
    if (property) row[property] = value;
  }
  return row;
};
