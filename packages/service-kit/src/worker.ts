import type { Db } from './database-types.js';
import { makeTasks, type JobHandler } from './job-handler.js';
import { makeInspection } from './job-inspection.js';
import { takeLease } from './job-lease.js';
import { startRunner } from './job-runner.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

export interface Worker {
  /** Whether jobs are being taken: for the readiness of a service that depends on them. */
  ready(): boolean;
  stop(): Promise<void>;
}
export interface WorkerOptions {
  db: Db;
  url: string;
  tasks: Record<string, JobHandler>;
  concurrency?: number;
  log: Log;
  metrics?: Metrics;
  /** Milliseconds between two inspections of the queue. */
  every?: number;
  /** A job that is due for so long, in milliseconds, while workers are idle means that the runner stands still. */
  patience?: number;
}

/**
 * Calls `inspect` every so many milliseconds, never twice at once. One log line when it begins to fail, one when it
 * works again.
 */
const inspectEvery = (ms: number, inspect: () => Promise<void>, log: Log): NodeJS.Timeout => {
  let inspecting = false;
  let failing = false;
  const succeeded = (): void => {
    if (failing) log.info('the queue is looked at again');
    failing = false;
  };
  const failed = (err: unknown): void => {
    if (!failing) log.warn({ reason: (err as Error).message }, 'the queue can not be looked at; it is tried again');
    failing = true;
  };
  return setInterval(() => {
    if (inspecting) return;
    inspecting = true;
    inspect()
      .then(succeeded, failed)
      .finally(() => {
        inspecting = false;
      });
  }, ms).unref();
};

/** Runs jobs until it is stopped, whatever happens to the database meanwhile. */
export const startWorker = async ({
  db,
  url,
  tasks: handlers,
  concurrency = 10,
  log,
  metrics,
  every = 2000,
  patience = 6000,
}: WorkerOptions): Promise<Worker> => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const lease = await takeLease({ url, log, metrics });
  const tasks = makeTasks(handlers, { lease, stopping: signal, log, metrics });
  const runner = await startRunner({ url, tasks, concurrency, lease, stopping: signal, log, metrics });
  const { inspect, stalledSince } = makeInspection({
    db,
    tasks: Object.keys(handlers),
    concurrency,
    patience,
    lease,
    runner,
    log,
    metrics,
  });
  const timer = inspectEvery(every, inspect, log);
  return {
    ready: () => [runner.downSince(), stalledSince()].every((since) => !since || Date.now() - since < patience + 4000),
    stop: async () => {
      stopping.abort();
      clearInterval(timer);
      await runner.stop();
      await lease.stop();
    },
  };
};
