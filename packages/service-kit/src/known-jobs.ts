import type { EventEmitter } from 'node:events';

/** So long after its end a job may still be locked: its end is being written down, or the run is over. */
const WRITTEN_MS = 20_000;
/** A lock may look so much older than the question that it answers: two clocks. */
const CLOCKS_MS = 1000;

/**
 * Which jobs a run of graphile-worker has. The database may have answered its question for a job when the connection
 * breaks: then a pool that lives, and does not know of the job, has it locked.
 */
export interface KnownJobs {
  /**
   * Whether the run has the job, or may yet be told of it.
   * @param lockedMs for how long it has been locked
   */
  has: (id: string, lockedMs: number) => boolean;
}
interface Said {
  worker: object;
  job: { id: string };
}
/** @param events of the run, from its beginning. @param now in milliseconds */
export const watchJobs = (events: EventEmitter, now: () => number = () => performance.now()): KnownJobs => {
  /** When each worker asked for the job that it has no answer for yet. */
  const questions = new Map<object, number>();
  const running = new Set<string>();
  /** When each ended, the oldest first. */
  const ended = new Map<string, number>();
  const answered = ({ worker }: Pick<Said, 'worker'>): void => void questions.delete(worker);
  events.on('worker:getJob:start', ({ worker }: Said) => questions.set(worker, now()));
  events.on('worker:getJob:empty', answered);
  events.on('worker:getJob:error', answered);
  events.on('job:start', ({ worker, job }: Said) => {
    answered({ worker });
    running.add(job.id);
  });
  events.on('job:complete', ({ job }: Said) => {
    running.delete(job.id);
    ended.delete(job.id);
    ended.set(job.id, now());
    for (const [id, at] of ended) {
      if (now() - at < WRITTEN_MS) break;
      ended.delete(id);
    }
  });
  return {
    has: (id, lockedMs) =>
      running.has(id) ||
      now() - (ended.get(id) ?? -Infinity) < WRITTEN_MS ||
      [...questions.values()].some((asked) => lockedMs <= now() - asked + CLOCKS_MS),
  };
};
