import { run, sql, type Db, type Tx } from '@nefos/service-kit';

export const insertFeedback = async (tx: Tx, accountId: number, message: string, data: string): Promise<string> => {
  const [row] = await sql<{ id: string }>(
    tx,
    'insert into feedback (account_id, message, data) values ($1, $2, $3) returning id',
    [accountId, message, data],
  );
  return (row as { id: string }).id;
};
export interface FeedbackRow {
  message: string;
  data: string;
  mailed: boolean;
  uuid: string;
  username: string;
  name: string;
}
export const findFeedback = async (db: Db, id: string): Promise<FeedbackRow | undefined> =>
  (
    await sql<FeedbackRow>(
      db,
      `select f.message, f.data, f.mailed_at is not null mailed, a.uuid, a.username, a.first_name || ' ' || a.last_name "name"
      from feedback f join account a on a.id = f.account_id where f.id = $1`,
      [id],
    )
  )[0];
export const markMailed = (db: Db, id: string): Promise<number> =>
  run(db, 'update feedback set mailed_at = now() where id = $1', [id]);
