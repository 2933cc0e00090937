import {
  em,
  generated,
  instant,
  integer,
  nullable,
  run,
  table,
  text,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';

/** Terms of use, which users must sign. The last ones are in force. */
export const approvalTerms = table(
  'approval_terms',
  {
    id: generated(integer()),
    date: withDefault(instant()),
    /** An address, or the file that `text` was read from. */
    location: text(),
    /** null: the text is at `location`. */
    text: nullable(text()),
  },
  { primary: ['id'] },
);
export type Terms = Row<typeof approvalTerms>;

/**
 * Dated by the clock, after the table is locked: whoever signed while this waited has signed the terms before.
 * @returns the id
 */
export const insertTerms = async (
  tx: Tx,
  { location, text: body }: Pick<Terms, 'location' | 'text'>,
): Promise<number> => {
  const { identifiers } = await em(tx).insert(approvalTerms, { date: () => 'clock_timestamp()', location, text: body });
  return Number(identifiers[0]?.id);
};
/** The terms in force. */
export const findLastTerms = async (q: Queryable): Promise<Terms | undefined> =>
  (await em(q).find(approvalTerms, { order: { id: 'DESC' }, take: 1 }))[0];
export const findTerms = async (q: Queryable, id: number): Promise<Terms | undefined> =>
  (await em(q).findOneBy(approvalTerms, { id })) ?? undefined;
/** The last ones first. */
export const listTerms = (q: Queryable): Promise<Terms[]> =>
  em(q).find(approvalTerms, { order: { id: 'DESC' }, take: 1000 });
/** As `findLastTerms`, and nobody adds others before this transaction ends. SQL: locks the table. */
export const lockLastTerms = async (tx: Tx): Promise<Terms | undefined> => {
  await run(tx, 'lock table approval_terms in share mode');
  return findLastTerms(tx);
};
