import {
  bigint,
  columns,
  em,
  generated,
  instant,
  nullable,
  safeInteger,
  sql,
  table,
  text,
  withDefault,
  type Db,
  type Row,
  type Tx,
} from '@nefos/service-kit';

/** Messages of users to the operator. */
export const feedback = table(
  'feedback',
  {
    id: generated(bigint()),
    accountId: safeInteger(),
    message: text(),
    /** What the client sent besides, as text. */
    data: text(),
    createdAt: withDefault(instant()),
    /** null: not mailed to the operator yet. */
    mailedAt: nullable(instant()),
  },
  { primary: ['id'] },
);
/** A message with its author. */
export type Feedback = Pick<Row<typeof feedback>, 'message' | 'data' | 'mailedAt'> & {
  uuid: string;
  username: string;
  name: string;
};

/** @returns its id */
export const insertFeedback = async (tx: Tx, accountId: number, message: string, data: string): Promise<string> => {
  const { identifiers } = await em(tx).insert(feedback, { accountId, message, data });
  return String(identifiers[0]?.id);
};
/** SQL: a join. */
export const findFeedback = async (db: Db, id: string): Promise<Feedback | undefined> =>
  (
    await sql<Feedback>(
      db,
      `select ${columns(feedback, 'f', ['message', 'data', 'mailedAt'])},
         a.uuid, a.username, a.first_name || ' ' || a.last_name "name"
       from feedback f join account a on a.id = f.account_id where f.id = $1`,
      [id],
    )
  )[0];
export const markMailed = async (db: Db, id: string): Promise<void> => {
  await em(db).update(feedback, { id }, { mailedAt: () => 'now()' });
};
