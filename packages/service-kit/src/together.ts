import type { Db } from './database-types.js';

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (err: unknown) => void;
}
/**
 * Makes one call for many items of a call for one: items that come while a call is under way wait for the next one and
 * go together. An item that comes alone goes at once.
 * @param work gives a result for each item, in their order; a call that fails is repeated with each item alone, so that
 * none fails for another's sake. It must change nothing when it fails
 * @param options.atOnce calls under way at the same time
 * @param options.most items of one call
 */
export const together = <Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly Result[]>,
  { atOnce = 1, most = 100 }: { atOnce?: number; most?: number } = {},
): ((item: Item) => Promise<Result>) => {
  const waiting: Waiting<Item, Result>[] = [];
  let running = 0;
  const settle = async (group: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await work(group.map(({ item }) => item));
      group.forEach(({ resolve }, i) => resolve(results[i] as Result));
    } catch (err) {
      const [only] = group;
      if (group.length === 1) only?.reject(err);
      else for (const one of group) await settle([one]);
    }
  };
  const next = (): void => {
    if (running >= atOnce || !waiting.length) return;
    running += 1;
    void settle(waiting.splice(0, most)).finally(() => {
      running -= 1;
      next();
    });
  };
  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      // What comes in the same turn of the event loop goes along.
      if (waiting.length === 1) queueMicrotask(next);
    });
};

/** One of what `make` makes for each database. */
export const perDatabase = <T>(make: (db: Db) => T): ((db: Db) => T) => {
  const made = new WeakMap<Db, T>();
  return (db) => {
    let one = made.get(db);
    if (one === undefined) made.set(db, (one = make(db)));
    return one;
  };
};
