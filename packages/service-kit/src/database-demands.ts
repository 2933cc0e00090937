import type pg from 'pg';

/** Text is Unicode, and is compared by Unicode's rules: both are properties that a database has from the day it is made. @throws Error in the operator's words */
export const demandUnicode = async (client: pg.ClientBase): Promise<void> => {
  const { rows } = await client.query<{ encoding: string; icu: boolean }>(
    `select getdatabaseencoding() encoding, exists (select from pg_collation where collname = 'und-x-icu' and collnamespace = 'pg_catalog'::regnamespace) icu`,
  );
  const { encoding, icu } = rows[0] as { encoding: string; icu: boolean };
  if (encoding !== 'UTF8')
    throw new Error(
      `the database has the encoding ${encoding}, and Nefos needs UTF8: create database ... encoding 'UTF8' template template0`,
    );
  if (!icu)
    throw new Error(
      'this PostgreSQL was built without ICU, which Nefos compares text with: use one that has it, as all distributions do',
    );
};
