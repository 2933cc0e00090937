import { em, instant, run, table, text, withDefault, type Queryable, type Tx } from '@nefos/service-kit';

/** What is loaded once in the life of a database: fixtures, and each entry of the bootstrap file. */
export const loadedFixtures = table(
  'loaded_fixture',
  { name: text(), at: withDefault(instant()) },
  { primary: ['name'] },
);
/** @returns false when it was loaded before. SQL: `on conflict` */
export const markLoaded = async (tx: Tx, name: string): Promise<boolean> =>
  (await run(tx, 'insert into loaded_fixture (name) values ($1) on conflict do nothing', [name])) === 1;
export const isLoaded = (q: Queryable, name: string): Promise<boolean> => em(q).existsBy(loadedFixtures, { name });
export const unmarkLoaded = async (tx: Tx, name: string): Promise<void> => {
  await em(tx).delete(loadedFixtures, { name });
};
