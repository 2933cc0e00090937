import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

/** Terms of use. `text`: what is to be read; null: it stands at `location`. */
export interface Terms {
  id: number;
  date: string;
  location: string;
  text: string | null;
}
/**
 * Whether nothing hinders the account `a` for want of a signature: there are no terms, they do not bind the account (administrators and staff
 * of components would lock themselves out), or the last ones are signed. `groups`: the parameter with the administrators' groups.
 */
export const termsMet = (groups: string): string => `(
  not exists (select from approval_terms) or a.is_superuser or a.terms_exempt
  or coalesce(a.has_signed_terms and a.date_signed_terms >= (select max(date) from approval_terms), false)
  or exists (select from group_member m join account_group g on g.id = m.group_id where m.account_id = a.id and g.name = any(${groups}::text[])))`;

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
