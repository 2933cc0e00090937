import { run, table, text, type Tx } from '@nefos/service-kit';

/** Fixtures that were loaded: what was removed since does not come back. */
export const loadedFixtures = table('loaded_fixture', { name: text() }, { primary: ['name'] });
/** SQL: once in the life of the database. @returns whether it is the first time */
export const markLoaded = async (tx: Tx, name: string): Promise<boolean> =>
  (await run(tx, 'insert into loaded_fixture (name) values ($1) on conflict do nothing', [name])) > 0;
