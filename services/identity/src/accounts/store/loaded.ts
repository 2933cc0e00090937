import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

/** What is loaded once in the life of a database: fixtures, and each thing of the bootstrap. @returns false when it was loaded before */
export const markLoaded = async (tx: Tx, name: string): Promise<boolean> =>
  (await run(tx, 'insert into loaded_fixture (name) values ($1) on conflict do nothing', [name])) === 1;
export const isLoaded = async (q: Queryable, name: string): Promise<boolean> =>
  (await sql(q, 'select 1 from loaded_fixture where name = $1', [name])).length === 1;
export const unmarkLoaded = (tx: Tx, name: string): Promise<number> =>
  run(tx, 'delete from loaded_fixture where name = $1', [name]);
