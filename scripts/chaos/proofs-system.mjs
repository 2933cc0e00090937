// @ts-check
// The system as a whole: queue, connections, processes, answers, logs.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { get } from '../lib/children.mjs';
import { sizeOf } from './processes.mjs';

const MOST_MEGABYTES = 600;
const MOST_FILES = 300;
/** Pools let idle connections go after 10 s; a few come and go with the reconcilers. */
const SLACK = 4;

export const connectionsOf = (stack) =>
  stack.query(
    'postgres',
    `select pid, datname, application_name, state, wait_event_type,
       extract(epoch from now() - state_change)::int idle, left(query, 80) query
     from pg_stat_activity where datname like 'nefos%' order by datname, state, pid`,
  );

export const systemProofs = ({ stack, wire, world, load, watch, failures, baseline }) => ({
  'nothing waits: no job, no dead job, no event for metering': {
    how: 'graphile_worker.jobs and outbox (nefos_compute)',
    prove: async () => {
      const rows = await watch.waiting();
      const dead = await stack.query(
        'nefos_compute',
        // A job without a key was replaced by a newer one with its key while it ran: it is not missing, as for the kit.
        `select task_identifier task, key, last_error from graphile_worker.jobs
         where attempts >= max_attempts and locked_at is null and key is not null`,
      );
      const refused = await stack.query(
        'nefos_compute',
        'select aggregate, last_error from outbox where refused_at is not null',
      );
      return [
        ...(rows.length ? [watch.words(rows)] : []),
        ...dead.map((row) => `dead job ${row.task} ${row.key}: ${row.last_error}`),
        ...refused.map((row) => `metering refused an event of ${row.aggregate}: ${row.last_error}`),
      ];
    },
  },
  'after each storm everything ended in time': {
    how: 'logs of compute at that time',
    prove: async () => failures.get('recovery') ?? [],
  },
  'npm start after a killed supervisor works at once': {
    how: 'npm-start.log',
    prove: async () => failures.get('start') ?? [],
  },
  'no answer that nobody expected, no 500': { how: 'the request id in logs/*.log', prove: async () => wire.findings },
  'no service logged an unexpected error': {
    how: 'logs/*.log',
    prove: async () => {
      const dir = path.join(stack.state, 'logs');
      return fs.readdirSync(dir).flatMap((file) => {
        const bad = fs
          .readFileSync(path.join(dir, file), 'utf8')
          .split('\n')
          .filter(
            (line) =>
              /"msg":"(unexpected error|unhandled rejection|uncaught exception)/.test(line) ||
              /^\w*Error: |^Node\.js v/.test(line),
          );
        return bad.length ? [`${file}: ${bad.length} lines, the first: ${bad[0].slice(0, 600)}`] : [];
      });
    },
  },
  'nobody saw or got what is another’s; the load had no fault of its own': {
    how: 'the journal',
    prove: async () => [...world.violations, ...load.failures.slice(0, 20)],
  },
  'every service says it is ready': {
    how: 'GET /readyz',
    prove: async () => {
      const wrong = [];
      for (const [name, origin] of Object.entries(stack.origins)) {
        const { status, text } = await get(`${origin}/${name === 'gateway' ? 'healthz' : 'readyz'}`);
        if (status !== 200) wrong.push(`${name}: ${status} ${text.slice(0, 200)}`);
      }
      return wrong;
    },
  },
  'no connection to the database is left over': {
    how: 'pg_stat_activity',
    prove: async () => {
      let rows = [];
      for (const end = Date.now() + 30_000; Date.now() < end; await sleep(1000)) {
        rows = await connectionsOf(stack);
        if (rows.length <= baseline + SLACK && !rows.some((row) => row.state?.startsWith('idle in transaction'))) break;
      }
      const open = rows.filter((row) => row.state?.startsWith('idle in transaction'));
      const blocked = await stack.query('postgres', 'select count(*)::int n from pg_locks where not granted');
      return [
        ...(rows.length > baseline + SLACK
          ? [
              `${rows.length} connections, ${baseline} at the start: ` +
                rows.map((row) => `${row.application_name} ${row.state} ${row.idle} s`).join('; '),
            ]
          : []),
        ...open.map((row) => `${row.application_name}: idle in transaction for ${row.idle} s after ${row.query}`),
        ...(blocked[0].n ? [`${blocked[0].n} sessions wait for a lock`] : []),
      ];
    },
  },
  'one process of each kind, none too large': {
    how: 'ps, and the state directory in their environment',
    prove: async () => {
      const wrong = [];
      const services = stack.processes.services();
      for (const name of Object.keys(stack.origins)) {
        const own = services.filter((one) => one.name === name);
        if (own.length !== 1) wrong.push(`${own.length} processes of ${name}: ${own.map((one) => one.pid)}`);
        for (const { pid } of own) {
          const { megabytes, files } = sizeOf(pid);
          if (megabytes > MOST_MEGABYTES || files > MOST_FILES)
            wrong.push(`${name} (${pid}) has ${megabytes} MiB and ${files} open files`);
        }
      }
      const supervisors = stack.processes.supervisors();
      if (supervisors.length !== 1) wrong.push(`${supervisors.length} supervisors`);
      return wrong;
    },
  },
});
