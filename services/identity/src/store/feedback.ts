import { run, sql, type Db } from '@nefos/service-kit';

export const insertFeedback = async (db: Db, accountId: number, message: string, data: string): Promise<string> => {
  const [row] = await sql<{ id: string }>(db, 'insert into feedback (account_id, message, data) values ($1, $2, $3) returning id', [accountId, message, data]);
  return (row as { id: string }).id;
};
export const markMailed = (db: Db, id: string): Promise<number> => run(db, 'update feedback set mailed_at = now() where id = $1', [id]);
