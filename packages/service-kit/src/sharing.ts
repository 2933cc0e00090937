import { setImmediate as turn } from 'node:timers/promises';

const ended = (): void => undefined;

/**
 * Does the same work once for all who ask for it at the same time. Who asks while it is under way waits for the next
 * time, so that nobody is given what was read before they asked. A failure is everybody's who waited for it.
 * @returns a function that takes a key, which says everything that the result depends on, and the work; what is under
 * way, and what waits, is all that it remembers
 */
export const sharing = <Result>(): ((key: string, work: () => Promise<Result>) => Promise<Result>) => {
  const underWay = new Map<string, Promise<void>>();
  const waiting = new Map<string, Promise<Result>>();
  return (key, work) => {
    const joined = waiting.get(key);
    if (joined) return joined;
    const next = (async () => {
      // What comes in the same turn of the event loop goes along.
      await (underWay.get(key) ?? turn());
      waiting.delete(key);
      const result = work();
      const end = result.then(ended, ended).then(() => {
        if (underWay.get(key) === end) underWay.delete(key);
      });
      underWay.set(key, end);
      return result;
    })();
    waiting.set(key, next);
    return next;
  };
};
