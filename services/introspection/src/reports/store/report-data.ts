import { prepared, type Tx } from '@nefos/service-kit';

/**
 * What a machine sent, and what was made of it; both as JSON text, or its bytes. SQL: both in one statement.
 * @param processed null: there is nothing, and of an earlier time nothing stays
 */
export const writeReport = async (
  tx: Tx,
  nodeUuid: string,
  unprocessed: string | Buffer,
  processed: string | Buffer | null,
): Promise<void> => {
  await prepared(
    tx,
    `with gone as (delete from run_data where node_uuid = $1 and processed and $3::text is null)
      insert into run_data (node_uuid, processed, body)
        select $1, kind, body from (values (false, $2::text), (true, $3::text)) d(kind, body) where body is not null
      on conflict (node_uuid, processed) do update set body = excluded.body`,
    [nodeUuid, unprocessed, processed],
  );
};
