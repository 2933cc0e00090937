import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

export interface Reconciler {
  name: string;
  status(): unknown;
  nudge(): void;
  stop(): Promise<void>;
}

/**
 * Runs `work` on a timer and when nudged, never twice at once. `work` takes no input, compares the desired with the
 * actual state, does not retry by itself, and returns a status.
 */
export const startReconciler = ({
  name,
  everySeconds,
  work,
  log,
  metrics,
}: {
  name: string;
  everySeconds: number;
  work: () => Promise<unknown>;
  log: Log;
  metrics?: Metrics | undefined;
}): Reconciler => {
  const seconds = metrics?.gauge(
    'nefos_reconciler_last_success_timestamp_seconds',
    'When a reconciler last went through',
    ['reconciler'],
  );
  const failures = metrics?.counter('nefos_reconciler_failures_total', 'Rounds of reconcilers that failed', [
    'reconciler',
  ]);
  failures?.inc({ reconciler: name }, 0);
  let failing = 0;
  let stopped = false;
  let last: unknown = null;
  let wake: (() => void) | undefined;
  const running = (async () => {
    while (!stopped) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        last = { at: new Date().toISOString(), result: await work() };
        seconds?.set({ reconciler: name }, Date.now() / 1000);
        if (failing) log.info({ reconciler: name, rounds: failing }, 'a reconciler works again');
        failing = 0;
      } catch (err) {
        last = { at: new Date().toISOString(), error: (err as Error).message };
        failures?.inc({ reconciler: name });
        // Only the first failure of a series is logged; later errors are in the status.
        if (!failing) log.warn({ err, reconciler: name }, 'a reconciler failed; it is tried again');
        failing += 1;
      }
      if (stopped) break;
      let timer: NodeJS.Timeout | undefined;
      await Promise.race([
        woken,
        new Promise<void>((resolve) => {
          timer = setTimeout(resolve, everySeconds * 1000);
          timer.unref();
        }),
      ]);
      clearTimeout(timer);
    }
  })();
  return {
    name,
    status: () => last,
    nudge: () => wake?.(),
    stop: async () => {
      stopped = true;
      wake?.();
      await running;
    },
  };
};
