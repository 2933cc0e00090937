import { columns, em, sql, type NewRow, type Queryable, type Tx } from '@nefos/service-kit';
import { serverRecords, type ServerRecord } from '../tables.js';

export type NewRecord = NewRow<typeof serverRecords>;

export const insertRecord = async (tx: Tx, record: NewRecord): Promise<void> => {
  await em(tx).insert(serverRecords, record);
};
/** Sets fields of the record, which is made if it is missing. SQL: on conflict. */
export const changeRecord = async (
  tx: Tx,
  instanceId: string,
  changes: Partial<Omit<ServerRecord, 'instanceId'>>,
): Promise<void> => {
  await sql(tx, 'insert into server_record (instance_id) values ($1) on conflict do nothing', [instanceId]);
  if (Object.keys(changes).length) await em(tx).update(serverRecords, { instanceId }, changes);
};
/** The record, locked until the transaction ends; it is made if it is missing. SQL: a lock. */
export const lockRecord = async (tx: Tx, instanceId: string): Promise<ServerRecord> => {
  await changeRecord(tx, instanceId, {});
  const [row] = await sql<ServerRecord>(
    tx,
    `select ${columns(serverRecords, 's')} from server_record s where instance_id = $1 for update`,
    [instanceId],
  );
  return row as ServerRecord;
};
export const findRecord = async (q: Queryable, instanceId: string): Promise<ServerRecord | undefined> =>
  (await em(q).findOneBy(serverRecords, { instanceId })) ?? undefined;
