import { columns, prepared, run, type Tx } from '@nefos/service-kit';
import type { JsonObject } from '../../values.js';
import { assignments } from './assignments.js';
import type { NodeChanges } from './nodes.js';
import { nodes, type Node } from './tables.js';

/** A port as one statement reads it with its node. */
export interface PortOfMachine {
  /** Of a port that is stored already. */
  uuid?: string;
  address: string;
  pxe_enabled: boolean;
  extra: JsonObject;
  local_link_connection: JsonObject;
  physical_network: string | null;
}
/** A node `n` with its ports, in a select. */
export const MACHINE = `${columns(nodes, 'n')}, coalesce((
    select json_agg(json_build_object('uuid', p.uuid, 'address', p.address, 'pxe_enabled', p.pxe_enabled,
      'extra', p.extra, 'local_link_connection', p.local_link_connection,
      'physical_network', p.physical_network) order by p.id)
    from port p where p.node_uuid = n.uuid), '[]') ports`;
const LOAD = `select ${MACHINE} from node n where n.uuid = $1 for no key update of n`;
/** A node with its ports; nobody else changes the node until the transaction ends. SQL: one statement, and locks. */
export const lockMachine = async (tx: Tx, uuid: string): Promise<(Node & { ports: PortOfMachine[] }) | undefined> =>
  (await prepared<Node & { ports: PortOfMachine[] }>(tx, LOAD, [uuid]))[0];

export interface MachineChanges {
  node: NodeChanges;
  added: (PortOfMachine & { uuid: string })[];
  changed: PortOfMachine[];
  removed: string[];
}
const portArrays = (ports: readonly PortOfMachine[]): unknown[][] => [
  ports.map(({ address }) => address),
  ports.map((port) => port.pxe_enabled),
  ports.map((port) => port.physical_network),
  ports.map((port) => JSON.stringify(port.local_link_connection)),
  ports.map(({ extra }) => JSON.stringify(extra)),
];
/** The rows of `portArrays`, whose first place is `$at`. Documents are cast one by one: `json` keeps all characters. */
const portRows = (at: number): string =>
  `unnest($${at}::text[], $${at + 1}::boolean[], $${at + 2}::text[], $${at + 3}::text[], $${at + 4}::text[])
    p(address, pxe_enabled, physical_network, local_link_connection, extra)`;
/**
 * Writes what changed in one statement. A new port whose address is another node's is left out (contract introspection
 * §7.1). Nothing changed: nothing is written.
 */
export const updateMachine = async (
  tx: Tx,
  uuid: string,
  { node, added, changed, removed }: MachineChanges,
): Promise<void> => {
  const values: unknown[] = [uuid];
  const parts: string[] = [];
  const set = assignments(nodes.definitions, node, values);
  if (set.length) parts.push(`update node set ${set.join(', ')}, updated_at = now() where uuid = $1`);
  if (added.length) {
    const at = values.push(
      added.map((port) => port.uuid),
      ...portArrays(added),
    );
    parts.push(`insert into port (uuid, node_uuid, address, pxe_enabled, physical_network, local_link_connection, extra)
      select u.uuid, $1, p.address, p.pxe_enabled, p.physical_network, p.local_link_connection::json, p.extra::json
      from unnest($${at - 5}::uuid[]) with ordinality u(uuid, n)
        join (select row_number() over () n, p.* from ${portRows(at - 4)}) p using (n) order by n
      on conflict do nothing`);
  }
  if (changed.length) {
    const at = values.push(...portArrays(changed));
    parts.push(`update port o set pxe_enabled = p.pxe_enabled, physical_network = p.physical_network,
        local_link_connection = p.local_link_connection::json, extra = p.extra::json, updated_at = now()
      from ${portRows(at - 4)} where o.address = p.address and o.node_uuid = $1`);
  }
  if (removed.length) parts.push(`delete from port where node_uuid = $1 and address = any($${values.push(removed)})`);
  const last = parts.pop();
  if (last === undefined) return;
  const before = parts.map((part, i) => `w${i} as (${part})`);
  await run(tx, `${before.length ? `with ${before.join(', ')} ` : ''}${last}`, values);
};
