import { em, run, sql, type Tx } from '@nefos/service-kit';
import type { Account } from './accounts.js';
import { awsAccounts, cloudAccounts, nefosAccounts } from './tables.js';

interface PurgedInstance {
  id: string;
  machineImageId: string | null;
  awsInstanceId: string | null;
  nefosInstanceId: string | null;
}
const present = (ids: readonly (string | null)[]): string[] => ids.filter((id) => id !== null);
const deleteAll = (tx: Tx, table: string, ids: readonly (string | null)[], column = 'id'): Promise<number> =>
  run(tx, `delete from ${table} where ${column} = any($1::bigint[])`, [present(ids)]);

/**
 * Deletes everything of a locked account. For one of our own cloud a tombstone stays, so that old events which are
 * sent again do not make it anew. SQL: thousands of rows in a few statements, locked in one order.
 */
export const purgeAccountRows = async (tx: Tx, { id, content }: Account, at: Date): Promise<void> => {
  const purged = await sql<PurgedInstance>(
    tx,
    `select id, machine_image_id "machineImageId", aws_instance_id "awsInstanceId", nefos_instance_id "nefosInstanceId"
     from instance where cloud_account_id = $1 order by id for update`,
    [id],
  );
  const instanceIds = purged.map((instance) => instance.id);
  await deleteAll(tx, 'run', instanceIds, 'instance_id');
  await deleteAll(tx, 'instance_event', instanceIds, 'instance_id');
  await deleteAll(tx, 'instance', instanceIds);
  await deleteAll(
    tx,
    'aws_instance',
    purged.map((instance) => instance.awsInstanceId),
  );
  await deleteAll(
    tx,
    'nefos_instance',
    purged.map((instance) => instance.nefosInstanceId),
  );
  await deleteUnusedImages(tx, [...new Set(present(purged.map((instance) => instance.machineImageId)))]);
  await em(tx).delete(cloudAccounts, { id });
  if (content.cloud === 'aws') {
    await em(tx).delete(awsAccounts, { id: content.id });
    return;
  }
  await em(tx).delete(nefosAccounts, { id: content.id });
  await run(
    tx,
    `insert into nefos_tombstone (client_id, deleted_at) values ($1, $2)
     on conflict (client_id) do update set deleted_at = excluded.deleted_at`,
    [content.clientId, at],
  );
};
const deleteUnusedImages = async (tx: Tx, candidates: readonly string[]): Promise<void> => {
  await sql(tx, 'select 1 from machine_image where id = any($1::bigint[]) order by id for update', [candidates]);
  const deleted = await sql<{ awsId: string | null; nefosId: string | null }>(
    tx,
    `delete from machine_image m where id = any($1::bigint[])
     and not exists (select 1 from instance i where i.machine_image_id = m.id)
     returning aws_machine_image_id "awsId", nefos_machine_image_id "nefosId"`,
    [candidates],
  );
  await deleteAll(
    tx,
    'aws_machine_image',
    deleted.map((image) => image.awsId),
  );
  await deleteAll(
    tx,
    'nefos_machine_image',
    deleted.map((image) => image.nefosId),
  );
};
