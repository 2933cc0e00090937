import type { Db, OpenTransaction, Tx } from './database-types.js';
import { run } from './statements.js';
import { joinTransaction, markOnCommit, retryConflicts } from './transaction.js';

export interface TransactionHooks<T> {
  /** First in the transaction. */
  begin: (tx: Tx) => Promise<void>;
  /** Last before the commit, with the work's result. */
  end: (tx: Tx, result: T) => Promise<void>;
}
/**
 * Runs `work` with a `Db` whose transactions are all one. The first of them opens it; it is committed after `work`,
 * with what `begin` and `end` write: all of it or nothing, also when the process dies. Statements before the first
 * transaction are not part of it. Call other services only there: afterwards locks are held. Do not run its
 * transactions in parallel. A deadlock or serialisation failure runs `work` again.
 */
export const inOneTransaction = <T>(
  db: Db,
  work: (joint: Db) => Promise<T>,
  { begin, end }: TransactionHooks<T>,
): Promise<T> =>
  retryConflicts(async () => {
    let current: OpenTransaction | undefined;
    let opening: Promise<Tx> | undefined;
    const open = async (): Promise<Tx> => {
      current = await db.begin();
      await begin(current.tx);
      return current.tx;
    };
    const opened = (): Promise<Tx> => (opening ??= open());
    let over = false;
    const joint: Db = {
      ...db,
      transaction: async (inner) => (over ? db.transaction(inner) : within(await opened(), inner)),
    };
    joinTransaction(joint, () => (over ? undefined : current?.tx));
    try {
      const result = await work(joint);
      await end(await opened(), result);
      await current?.commit();
      return result;
    } catch (err) {
      await current?.rollback();
      throw err;
    } finally {
      over = true;
    }
  });
/** One of the joined transactions, as a savepoint: when it fails, what it wrote and gave to `onCommit` is dropped. */
const within = async <T>(tx: Tx, inner: (tx: Tx) => Promise<T>): Promise<T> => {
  await run(tx, 'savepoint inner_transaction');
  const dropOnCommit = markOnCommit(tx);
  try {
    const result = await inner(tx);
    await run(tx, 'release savepoint inner_transaction');
    return result;
  } catch (err) {
    dropOnCommit();
    await run(tx, 'rollback to savepoint inner_transaction').catch(() => undefined);
    throw err;
  }
};
