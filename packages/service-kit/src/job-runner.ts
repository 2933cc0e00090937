import { setTimeout as sleep } from 'node:timers/promises';
import { startRun, type Run, type RunOptions } from './job-run.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/** Runs of graphile-worker's worker pool, one after the other: a broken one is replaced. */
export interface Runner {
  /** The present run; undefined while it is being replaced. */
  run(): Run | undefined;
  /** Since when no run has had an answer from the queue, in milliseconds since 1970; 0 while one has. */
  downSince(): number;
  /** Gives the present run up and starts another, as soon as the database lets it. */
  replace(reason: string, err?: unknown): void;
  stop(): Promise<void>;
}
/** Starts the first run, and rejects when that fails. Two log lines per outage: when it begins and when it ends. */
export const startRunner = async ({
  stopping,
  log,
  metrics,
  ...options
}: Omit<RunOptions, 'broken' | 'works'> & {
  stopping: AbortSignal;
  log: Log;
  metrics?: Metrics | undefined;
}): Promise<Runner> => {
  const restarts = metrics?.counter(
    'nefos_job_runner_restarts_total',
    'How often the job runner was started anew, by reason',
    ['reason'],
  );
  let current: Run | undefined;
  let down = 0;
  let replacing: Promise<void> | undefined;
  const works = (): void => {
    if (down) log.info({ seconds: Math.round((Date.now() - down) / 1000) }, 'the job runner works again');
    down = 0;
  };
  const start = (): Promise<Run> => startRun({ ...options, log, broken: replace, works });
  const startAgain = async (): Promise<void> => {
    for (let pause = 50; !stopping.aborted; pause = Math.min(1000, pause * 2)) {
      await sleep(pause);
      try {
        current = await start();
        return;
      } catch {
        /* the database is away, which is logged already */
      }
    }
  };
  const replace = (reason: string, err?: unknown): void => {
    if (stopping.aborted || replacing) return;
    restarts?.inc({ reason });
    if (!down) {
      down = Date.now();
      log.warn({ reason, error: (err as Error | undefined)?.message }, 'the job runner is started anew');
    }
    // Not awaited: handlers of the old run may take long, and the new run has workers of its own.
    current?.retire().catch(() => undefined);
    current = undefined;
    replacing = startAgain().finally(() => {
      replacing = undefined;
    });
  };
  current = await start();
  return {
    run: () => current,
    downSince: () => down,
    replace,
    stop: async () => {
      await replacing;
      await current?.stop();
    },
  };
};
