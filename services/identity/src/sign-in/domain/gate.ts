import { unavailable } from '@nefos/service-kit';

/**
 * Runs a limited number of works concurrently; the rest wait in order.
 * @throws Fault unavailable busy: too many wait
 */
export type Gate = <T>(work: () => Promise<T>) => Promise<T>;
/** @param limits how many run, and how many wait, at most */
export const createGate = ({ maxRunning, maxQueued }: { maxRunning: number; maxQueued: number }): Gate => {
  let running = 0;
  const queue: (() => void)[] = [];
  return async (work) => {
    if (running >= maxRunning) {
      if (queue.length >= maxQueued) throw unavailable('busy');
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
