import type { Db } from './database-types.js';
import type { Lease } from './job-lease.js';
import type { Runner } from './job-runner.js';
import {
  dropReplaced,
  releaseAbandonedJobs,
  releaseStrayJobs,
  freeQueues,
  countJobs,
  type QueueState,
} from './job-queue-rows.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { LOCKS } from './registry.js';

export interface InspectionOptions {
  db: Db;
  tasks: readonly string[];
  concurrency: number;
  /** A job that is due for so long, in milliseconds, while workers are idle means that the runner stands still. */
  patience: number;
  lease: Lease;
  runner: Runner;
  log: Log;
  metrics?: Metrics | undefined;
}
/** Checks the queue and repairs it. */
export interface Inspection {
  /** Sets the gauges, frees what dead workers hold, and has a runner replaced that stands still. */
  inspect: () => Promise<void>;
  /**
   * Since when this process takes no job although some are due, or has no lease, in milliseconds since 1970; 0
   * otherwise.
   */
  stalledSince: () => number;
}
export const makeInspection = ({
  db,
  tasks,
  concurrency,
  patience,
  lease,
  runner,
  log,
  metrics,
}: InspectionOptions): Inspection => {
  const depth = metrics?.gauge('nefos_jobs_pending', 'Jobs waiting or running');
  const dead = metrics?.gauge('nefos_jobs_dead', 'Jobs that are out of attempts');
  const oldest = metrics?.gauge(
    'nefos_jobs_oldest_due_seconds',
    'How long the oldest job that could run now has been waiting',
  );
  let stalled = 0;
  // Jobs that were just freed here look overdue, but the runner is not to blame.
  let freedAt = 0;

  const freeJobs = async (): Promise<void> => {
    const workers = await releaseAbandonedJobs(db, LOCKS.jobWorkers, (id) => lease.has(id));
    if (workers.length) log.warn({ workers }, 'jobs of dead workers are free again');
    const run = runner.run();
    const strays = run ? await releaseStrayJobs(db, run.id, run.has) : 0;
    if (strays) log.warn({ jobs: strays }, 'jobs whose worker never got them are free again');
    const queues = await freeQueues(db);
    if (queues) log.warn({ queues }, 'queues that were locked without a job are free again');
    if (workers.length || strays || queues) freedAt = Date.now();
  };
  /** The database answers, so when no job is taken the reason is in this process. */
  const judge = (state: QueueState): void => {
    const now = Date.now();
    const run = runner.run();
    const overdue = state.oldest * 1000 > patience;
    const missing = lease.missingSince();
    const idle =
      run !== undefined && overdue && run.busy() < concurrency && now - Math.max(run.lastTakenAt(), freedAt) > patience;
    if (idle || (missing !== undefined && now - missing > patience)) {
      if (!stalled && idle)
        log.error(
          { due_seconds: Math.round(state.oldest), pending: state.pending },
          'jobs are due and the job runner takes none',
        );
      else if (!stalled)
        log.error(
          { pending: state.pending },
          'no job is begun: the connection that says that this process lives can not be made',
        );
      stalled ||= now;
      runner.replace(
        idle ? 'it took no job though some were due' : 'its connection that says that this process lives is missing',
      );
    } else if (run?.taken() || !overdue) stalled = 0;
  };
  return {
    stalledSince: () => stalled,
    inspect: async () => {
      await freeJobs();
      const state = await countJobs(db, tasks);
      depth?.set(state.pending);
      dead?.set(state.dead);
      oldest?.set(state.oldest);
      judge(state);
      // Last: it waits for whoever has locked the table.
      if (state.replaced) await dropReplaced(db);
    },
  };
};
