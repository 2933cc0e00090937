import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { Db, OpenTransaction, Queryable, Tx } from './database-types.js';
import type { Connection } from './query-limit.js';

interface TransactionState {
  runner: QueryRunner;
  connection: Connection;
  /** What runs after the commit; see `onCommit`. */
  onCommit: (() => void)[];
}
const states = new WeakMap<Tx, TransactionState>();
const stateOf = (tx: Tx): TransactionState => {
  const state = states.get(tx);
  if (!state) throw new Error('this transaction has ended');
  return state;
};

/**
 * Makes `insert` work on copies: TypeORM writes generated values into the objects that it inserts, so the second try
 * of a transaction would insert the generated ids of the first.
 */
export const insertCopies = (manager: EntityManager): void => {
  const insert: EntityManager['insert'] = manager.insert.bind(manager);
  manager.insert = (target, rows) =>
    insert(target, Array.isArray(rows) ? rows.map((row) => ({ ...row })) : { ...rows });
};

/** Begins a transaction that its owner ends. */
export const beginTransaction = async (source: DataSource): Promise<OpenTransaction> => {
  const runner = source.createQueryRunner();
  insertCopies(runner.manager);
  const tx = {} as Tx;
  const end = async (): Promise<void> => {
    states.delete(tx);
    await runner.release();
  };
  const rollback = async (): Promise<void> => {
    if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
    await end();
  };
  try {
    const connection = (await runner.connect()) as Connection;
    states.set(tx, { runner, connection, onCommit: [] });
    await runner.startTransaction();
  } catch (err) {
    await rollback();
    throw err;
  }
  const commit = async (): Promise<void> => {
    await runner.commitTransaction();
    const works = states.get(tx)?.onCommit ?? [];
    await end();
    for (const work of works) work();
  };
  return { tx, commit, rollback };
};

/** SQLSTATE of serialisation failure and deadlock. */
const CONFLICTS = new Set(['40001', '40P01']);
const ATTEMPTS = 5;
/** Runs `work` again after a deadlock or serialisation failure, at most 5 times in all. */
export const retryConflicts = async <T>(work: () => Promise<T>): Promise<T> => {
  for (let attempt = 1; ; attempt += 1)
    try {
      return await work();
    } catch (err) {
      if (attempt >= ATTEMPTS || !CONFLICTS.has((err as { code?: string }).code ?? '')) throw err;
    }
};
/** Runs `work` in a transaction of its own, once. */
export const transactionOnce = async <T>(source: DataSource, work: (tx: Tx) => Promise<T>): Promise<T> => {
  const { tx, commit, rollback } = await beginTransaction(source);
  try {
    const result = await work(tx);
    await commit();
    return result;
  } catch (err) {
    await rollback();
    throw err;
  }
};

const joined = new WeakMap<Db, () => Tx | undefined>();
/** From now on the statements of `db` go to the transaction that `tx` gives, as long as it gives one. */
export const joinTransaction = (db: Db, tx: () => Tx | undefined): void => {
  joined.set(db, tx);
};
const isDb = (q: Queryable): q is Db => 'pool' in q;
const transactionOf = (q: Queryable): Tx | undefined => (isDb(q) ? joined.get(q)?.() : q);
/** Where the statements of `q` go. */
export const connectionOf = (q: Queryable): Connection => {
  const tx = transactionOf(q);
  return tx ? stateOf(tx).connection : (q as Db).pool;
};
/** TypeORM's manager for the statements of `q`. */
export const managerOf = (q: Queryable): EntityManager => {
  const tx = transactionOf(q);
  return tx ? stateOf(tx).runner.manager : (q as Db).source.manager;
};

/**
 * Does something synchronous, such as writing a log line, once the transaction has committed; at once where there is
 * none.
 */
export const onCommit = (q: Queryable, work: () => void): void => {
  const tx = transactionOf(q);
  if (tx) stateOf(tx).onCommit.push(work);
  else work();
};
/** For a savepoint. @returns what drops all that was added by `onCommit` since */
export const markOnCommit = (tx: Tx): (() => void) => {
  const { onCommit: works } = stateOf(tx);
  const kept = works.length;
  return () => {
    works.length = Math.min(works.length, kept);
  };
};
