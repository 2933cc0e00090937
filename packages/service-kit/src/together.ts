import type { Db } from './database-types.js';

interface Waiting<Item, Result> {
  item: Item;
  resolve: (result: Result) => void;
  reject: (err: unknown) => void;
}
/** Given for an item that a call has left out, since it would have had to wait for it: it is asked for alone. */
export const LEFT_OUT = Symbol('left out');
/** Items that are asked for alone at the same time. They may wait for long, so not all connections are theirs. */
const APART = 4;

/**
 * Makes one call for many items of a call for one: items that come while a call is under way wait for the next one and
 * go together. An item that comes alone goes at once.
 * @param work gives a result for each item, in their order, or LEFT_OUT unless it is the only one; a call that fails is
 * repeated with each item alone, so that none fails for another's sake. It must change nothing when it fails. What is
 * asked for alone holds up none of the calls for many
 * @param options.atOnce calls under way at the same time
 * @param options.most items of one call
 */
export const together = <Item, Result>(
  work: (items: readonly Item[]) => Promise<readonly (Result | typeof LEFT_OUT)[]>,
  { atOnce = 1, most = 100 }: { atOnce?: number; most?: number } = {},
): ((item: Item) => Promise<Result>) => {
  const waiting: Waiting<Item, Result>[] = [];
  const apart: Waiting<Item, Result>[] = [];
  let running = 0;
  let runningApart = 0;
  const settle = async (group: readonly Waiting<Item, Result>[]): Promise<void> => {
    try {
      const results = await work(group.map(({ item }) => item));
      group.forEach((one, i) => {
        const result = results[i];
        if (result === LEFT_OUT && group.length > 1) apart.push(one);
        else one.resolve(result as Result);
      });
    } catch (err) {
      if (group.length === 1) group[0]?.reject(err);
      else apart.push(...group);
    }
    nextApart();
  };
  const nextApart = (): void => {
    for (let one; runningApart < APART && (one = apart.shift());) {
      runningApart += 1;
      void settle([one]).finally(() => {
        runningApart -= 1;
        nextApart();
      });
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
