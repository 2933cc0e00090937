import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

/** Terms of use. `text`: what is to be read; null: it stands at `location`. */
export interface Terms {
  id: number;
  date: string;
  location: string;
  text: string | null;
}
const COLUMNS = 'select id, date, location, text from approval_terms';
/** Dated when the table is locked, so that whoever signs at this moment has signed the ones before. */
export const insertTerms = async (tx: Tx, { location, text }: Pick<Terms, 'location' | 'text'>): Promise<number> => {
  const [row] = await sql<{ id: number }>(
    tx,
    'insert into approval_terms (date, location, text) values (clock_timestamp(), $1, $2) returning id',
    [location, text],
  );
  return (row as { id: number }).id;
};
/** The terms in force. */
export const findLastTerms = async (q: Queryable): Promise<Terms | undefined> =>
  (await sql<Terms>(q, `${COLUMNS} order by id desc limit 1`))[0];
export const findTerms = async (q: Queryable, id: number): Promise<Terms | undefined> =>
  (await sql<Terms>(q, `${COLUMNS} where id = $1`, [id]))[0];
export const listTerms = (q: Queryable): Promise<Terms[]> => sql<Terms>(q, `${COLUMNS} order by id desc limit 1000`);
/** The same, and nobody adds others before this transaction ends. */
export const lockLastTerms = async (tx: Tx): Promise<Terms | undefined> => {
  await run(tx, 'lock table approval_terms in share mode');
  return findLastTerms(tx);
};
