import { unavailable } from '@nefos/service-kit';

/**
 * Runs some work at once; the rest waits in the order in which it came. @throws Fault unavailable busy: too much waits
 */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;
/** @param limits how much runs at once, and how much waits, in pieces of work */
export const createGate = ({ atOnce, waiting }: { atOnce: number; waiting: number }): Gate => {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= atOnce) {
      if (queue.length >= waiting) throw unavailable('busy');
      // Whoever finishes lets the next one start, and `running` stays as it is.
      await new Promise<void>((start) => {
        queue.push(start);
      });
    } else running += 1;
    try {
      return await work();
    } finally {
      const startNext = queue.shift();
      if (startNext) startNext();
      else running -= 1;
    }
  };
};
