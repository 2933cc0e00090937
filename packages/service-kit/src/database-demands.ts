import type pg from 'pg';

/**
 * The database must have the encoding UTF8, and PostgreSQL the collations of ICU. Neither can be changed later.
 * @throws Error that tells the operator what to do
 */
export const demandUnicode = async (client: pg.ClientBase): Promise<void> => {
  const { rows } = await client.query<{ encoding: string; icu: boolean }>(
    `select getdatabaseencoding() encoding, exists (select from pg_collation
        where collname = 'und-x-icu' and collnamespace = 'pg_catalog'::regnamespace) icu`,
  );
  const { encoding, icu } = rows[0] as { encoding: string; icu: boolean };
  if (encoding !== 'UTF8')
    throw new Error(
      `the database has the encoding ${encoding}, and Nefos needs UTF8: ` +
        `create database ... encoding 'UTF8' template template0`,
    );
  if (!icu)
    throw new Error(
      'this PostgreSQL was built without ICU, which Nefos compares text with: ' +
        'use one that has it, as all distributions do',
    );
};
