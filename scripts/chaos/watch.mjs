// @ts-check
// Looks on while the run goes: sizes of processes, and whether everything recovers when the faults pause.
import { setTimeout as sleep } from 'node:timers/promises';
import { sizeOf } from './processes.mjs';

/** What was accepted before a pause of the faults has ended this many seconds after everything answers again. */
const CALM_SECONDS = 30;

/** What waits in the queue, and since when. */
const WAITING = `
  select 'operation ' || action || ' ' || status what, count(*)::int n, min(created_at) since from operation
    where status in ('pending', 'running') and created_at < $1 group by 1
  union all select 'event for metering', count(*)::int, min(created_at) from outbox
    where refused_at is null and created_at < $1 having count(*) > 0
  union all select 'job ' || task_identifier || case when locked_at is null then '' else ' (locked)' end, count(*)::int,
    min(run_at) from graphile_worker.jobs
    where attempts < max_attempts and run_at < $1 group by 1`;
const words = (rows) =>
  rows.map((r) => `${r.n} ${r.what} since ${new Date(r.since).toISOString().slice(11, 19)}`).join(', ');

export const createWatch = ({ stack, failed }) => {
  const peaks = new Map();
  const look = () => {
    for (const { pid, name } of stack.processes.services()) {
      const { megabytes, files } = sizeOf(pid);
      const peak = peaks.get(name) ?? { megabytes: 0, files: 0 };
      peaks.set(name, { megabytes: Math.max(peak.megabytes, megabytes), files: Math.max(peak.files, files) });
    }
  };
  const timer = setInterval(look, 3000);
  timer.unref();
  return {
    peaks,
    stop: () => clearInterval(timer),
    waiting: async (before = new Date()) => stack.query('nefos_compute', WAITING, [before.toISOString()]),
    /**
     * @returns {Promise<number>} seconds until everything from before had ended; what has not by then is a failed proof
     */
    calm: async (cut) => {
      const since = Date.now();
      const healthy = await stack.healthy(60);
      if (healthy === undefined) {
        failed(
          'recovery',
          `the services did not all answer within 60 s after the faults stopped (${new Date().toISOString()})`,
        );
        return 60;
      }
      let rows = [];
      for (const end = Date.now() + CALM_SECONDS * 1000; Date.now() < end && !cut(); await sleep(500)) {
        rows = await stack
          .query('nefos_compute', WAITING, [new Date(since).toISOString()])
          .catch(() => [{ what: 'database does not answer', n: 1, since }]);
        if (!rows.length) return (Date.now() - since) / 1000;
      }
      if (rows.length && !cut())
        failed(
          'recovery',
          `${CALM_SECONDS} s after everything answered again, there still waited ` +
            `at ${new Date().toISOString()}: ${words(rows)}`,
        );
      return (Date.now() - since) / 1000;
    },
    words,
  };
};
