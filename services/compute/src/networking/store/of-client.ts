import { sql, type Tx } from '@nefos/service-kit';
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
 * project stay. SQL: one statement for each table.
 * @returns what was there
 */
export const removeAllOf = async (tx: Tx, clientId: number): Promise<Left[]> => {
  const removed: Left[] = [];
  const take = async (kind: Kind, where: string): Promise<void> => {
    const rows = await sql<Omit<Left, 'kind'>>(
      tx,
      `delete from ${kind} where ${where} returning id, backend_id "backendId"`,
      [clientId],
    );
    removed.push(...rows.map((row) => ({ ...row, kind })));
  };
  const own = `project_id in ${PROJECTS}`;
  await take('floating_ip', own);
  await take('port', `${own} and instance_id is null`);
  await sql(tx, `delete from router_interface where router_id in (select id from router where ${own})`, [clientId]);
  await take('router', own);
  await sql(
    tx,
    `delete from security_group_rule where security_group_id in (select id from security_group where ${own})`,
    [clientId],
  );
  await take('security_group', own);
  await take('subnet', `network_id in (select id from network where ${own} and managed)`);
  await take('network', `${own} and managed`);
  return removed;
};
