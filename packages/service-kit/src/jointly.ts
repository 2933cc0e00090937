import { again, forgetAfter, joinTransaction, run, type Db, type OpenTransaction, type Tx } from './db.js';

export interface Joint<T> {
  /** First in the transaction. */
  begin: (tx: Tx) => Promise<void>;
  /** Last before the commit, with what the work came to. */
  end: (tx: Tx, result: T) => Promise<void>;
}
/**
 * Runs `work` with a `Db` whose transactions are all one. It is opened by the first of them and committed after `work`, with what `begin` and
 * `end` write: all of it is there or nothing, also when the process dies. What `work` asks before that is outside, so that it may wait for
 * a peer there; afterwards it must not. A deadlock or serialisation failure runs `work` again.
 */
export const jointly = <T>(db: Db, work: (joint: Db) => Promise<T>, { begin, end }: Joint<T>): Promise<T> =>
  again(async () => {
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
/** One of several transactions in one: what it wrote, and left to `afterCommit`, goes when it fails. */
const within = async <T>(tx: Tx, inner: (tx: Tx) => Promise<T>): Promise<T> => {
  await run(tx, 'savepoint inner_transaction');
  const forget = forgetAfter(tx);
  try {
    const result = await inner(tx);
    await run(tx, 'release savepoint inner_transaction');
    return result;
  } catch (err) {
    forget();
    await run(tx, 'rollback to savepoint inner_transaction').catch(() => undefined);
    throw err;
  }
};
