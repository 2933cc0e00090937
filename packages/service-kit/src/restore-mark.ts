import type pg from 'pg';

/** A schema that `npm run nefos -- restore` makes before it changes anything, and removes when it is complete. */
export const RESTORE_MARK = 'nefos_restore';

export class UnfinishedRestore extends Error {
  constructor() {
    super('a restore of this database goes on, or was broken off: let it end, or do it again');
    this.name = 'UnfinishedRestore';
  }
}
/** @throws UnfinishedRestore: part of the data is missing, and serving it would add to the damage */
export const refuseUnfinishedRestore = async (client: pg.Pool | pg.PoolClient): Promise<void> => {
  if ((await client.query('select 1 from pg_namespace where nspname = $1', [RESTORE_MARK])).rowCount)
    throw new UnfinishedRestore();
};
