import type { Db } from './database-types.js';
import { envelopePrefix, SecretError, type SecretBox } from './secrets.js';
import { run, sql } from './statements.js';

/** A column with envelopes; `key` is the primary key of its table. Names, not input: they stand in SQL. */
export interface SealedColumn {
  table: string;
  column: string;
  key: string;
}
export interface SealedCount {
  table: string;
  column: string;
  /** Id of the key. */
  sealed_with: string;
  rows: number;
}
const BATCH = 100;

/** How many secrets each key has sealed. */
export const countSealed = async (db: Db, columns: readonly SealedColumn[]): Promise<SealedCount[]> => {
  const counts: SealedCount[] = [];
  for (const { table, column } of columns)
    counts.push(
      ...(await sql<SealedCount & Record<string, unknown>>(
        db,
        `select $1::text "table", $2::text "column", split_part(${column}, ':', 2) sealed_with, count(*)::int "rows"
        from ${table} where ${column} is not null group by 3 order by 3`,
        [table, column],
      )),
    );
  return counts;
};

/**
 * Seals every secret anew that the first key has not sealed. Batches are transactions of their own, and what was done
 * is not done again: it may be killed and repeated, and services may write meanwhile.
 * @returns how many
 * @throws SecretError: nothing is lost, the batches before are done
 */
export const reseal = async (
  db: Db,
  box: SecretBox,
  columns: readonly SealedColumn[],
  batch = BATCH,
): Promise<number> => {
  if (box.keyId === null) throw new SecretError('no_key', 'no key for secrets is set: NEFOS_SECRET_KEYS', null);
  const sealedNow = `${envelopePrefix(box.keyId)}%`;
  let count = 0;
  for (const { table, column, key } of columns)
    for (let after: string | null = null; ;) {
      // SQL: a batch of any table.
      const rows: { row: string; envelope: string }[] = await sql(
        db,
        `select ${key}::text "row", ${column} envelope from ${table}
        where ${column} is not null and ${column} not like $1 and ($2::text is null or ${key}::text > $2)
        order by ${key}::text limit $3`,
        [sealedNow, after, batch],
      );
      const sealed = rows.map(({ row, envelope }) => {
        const place = { table, column, row };
        return { row, envelope, anew: box.seal(box.open(envelope, place), place) };
      });
      // What a service has written in between is sealed by its key already, or found in the next run.
      count += await db.transaction(async (tx) => {
        let done = 0;
        for (const { row, envelope, anew } of sealed)
          done += await run(tx, `update ${table} set ${column} = $3 where ${key}::text = $1 and ${column} = $2`, [
            row,
            envelope,
            anew,
          ]);
        return done;
      });
      after = rows.at(-1)?.row ?? null;
      if (rows.length < batch) break;
    }
  return count;
};
