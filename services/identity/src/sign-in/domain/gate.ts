import { unavailable } from '@nefos/service-kit';

/** Runs work, a few pieces at once; some wait, in the order in which they came. @throws Fault unavailable busy: too many wait */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;
export const createGate = ({ atOnce, waiting }: { atOnce: number; waiting: number }): Gate => {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnce) {
      if (queue.length >= waiting) throw unavailable('busy');
      await new Promise<void>((go) => {
        queue.push(go);
      });
    } else running += 1;
    try {
      return await work();
    } finally {
      const next = queue.shift();
      if (next) next();
      else running -= 1;
    }
  };
};
