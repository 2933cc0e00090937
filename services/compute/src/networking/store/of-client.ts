import { sql, type Tx } from '@nefos/service-kit';
import { recordThings } from './recorded.js';
import type { Kind } from './syncs.js';

/** A thing that a client leaves behind. */
export interface Left {
  id: string;
  kind: Kind;
  backendId: string | null;
}
const PROJECTS = `(select j.id from project j join service s on s.id = j.service_id where s.client_id = $1)`;
/**
 * Takes away what the client's projects have of the network, what uses others first. Networks that staff made for a
 * project stay. Readers of events hear of each. SQL: one statement for each table.
 * @returns what was there
 */
export const removeAllOf = async (tx: Tx, clientId: number): Promise<Left[]> => {
  const removed: Left[] = [];
  const take = async (kind: Kind, where: string): Promise<void> => {
    await recordThings(tx, kind, 'deleted', { where, values: [clientId] });
    const rows = await sql<Omit<Left, 'kind'>>(
      tx,
      `delete from ${kind} x where ${where} returning id, backend_id "backendId"`,
      [clientId],
    );
    removed.push(...rows.map((row) => ({ ...row, kind })));
  };
  const own = `x.project_id in ${PROJECTS}`;
  await take('floating_ip', own);
  await take('port', `${own} and x.instance_id is null`);
  await sql(tx, `delete from router_interface where router_id in (select x.id from router x where ${own})`, [clientId]);
  await take('router', own);
  await sql(
    tx,
    `delete from security_group_rule where security_group_id in (select x.id from security_group x where ${own})`,
    [clientId],
  );
  await take('security_group', own);
  await take('subnet', `x.network_id in (select x.id from network x where ${own} and x.managed)`);
  await take('network', `${own} and x.managed`);
  return removed;
};
