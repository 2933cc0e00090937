import { setTimeout as sleep } from 'node:timers/promises';
import {
  createMetrics,
  deadAmong,
  deadJobs,
  enqueue,
  hurryJobs,
  retryJobs,
  sql,
  startWorker,
  type Db,
} from '@nefos/service-kit';
import pg from 'pg';
import { keepingLog, until, useDatabase } from './support.js';

const { log, lines, count: said } = keepingLog();
// Before the database is dropped.
afterAll(() => admin.end());
const held = useDatabase(log);
let db: Db;
let url: string;
let admin: pg.Client;
const seen: string[] = [];
const tasks = {
  note: ({ id }: Record<string, string>): Promise<void> => {
    seen.push(id as string);
    return Promise.resolve();
  },
};
const add = (id: string, options = {}): Promise<void> => db.transaction((tx) => enqueue(tx, 'note', { id }, options));
const left = async (): Promise<number> => (await sql(db, 'select 1 from graphile_worker.jobs')).length;
const metric = async (metrics: ReturnType<typeof createMetrics>, name: string): Promise<number> => {
  const found = (await metrics.registry.getMetricsAsJSON()).find((one) => one.name === name);
  return (found?.values ?? []).reduce((sum, one) => sum + one.value, 0);
};

beforeAll(async () => {
  ({ db, url } = held);
  admin = new pg.Client({ connectionString: url, application_name: 'keep' });
  await admin.connect();
});
beforeEach(() => {
  lines.length = 0;
  seen.length = 0;
});

it('the ends of many jobs that can not be written down start the runner anew; each job runs again, and one line says so', async () => {
  const metrics = createMetrics('test', false);
  const name = new URL(url).pathname.slice(1);
  const outside = new pg.Client({
    connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).toString(),
  });
  await outside.connect();
  let cut: Promise<unknown> | undefined;
  const runs = new Map<string, number>();
  const cutOff = async (): Promise<void> => {
    await outside.query(`alter database ${name} allow_connections false`);
    await outside.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and application_name <> $2',
      [name, 'keep'],
    );
  };
  const worker = await startWorker({
    db,
    url,
    log,
    metrics,
    tasks: {
      note: async ({ id }) => {
        runs.set(id!, (runs.get(id!) ?? 0) + 1);
        if (runs.size < 5) await until(() => runs.size === 5);
        await (cut ??= cutOff());
      },
    },
  });
  try {
    for (let n = 0; n < 5; n += 1) await add(`job-${n}`);
    await until(() => cut !== undefined);
    await cut;
    await sleep(500);
    await outside.query(`alter database ${name} allow_connections true`);
    await until(async () => (await left().catch(() => 1)) === 0, 15);
    expect([...runs.values()].every((times) => times <= 2)).toBe(true);
    expect(said('the job runner is started anew')).toBe(1);
    expect(said('the job runner works again')).toBe(1);
    expect(await metric(metrics, 'nefos_job_runner_restarts_total')).toBeGreaterThan(0);
    expect(await metric(metrics, 'nefos_database_connection_losses_total')).toBeGreaterThan(0);
  } finally {
    await outside.query(`alter database ${name} allow_connections true`);
    await outside.end();
    await worker.stop();
  }
}, 40_000);

it('a runner whose first question fails is started anew: the library would keep that failure for ever', async () => {
  await admin.query('alter table graphile_worker._private_tasks rename to away');
  let worker: Awaited<ReturnType<typeof startWorker>> | undefined;
  try {
    worker = await startWorker({ db, url, log, tasks });
    await sleep(1000);
    await admin.query('alter table graphile_worker.away rename to _private_tasks');
    await add('late');
    await until(() => seen.includes('late'));
    expect(worker.ready()).toBe(true);
  } finally {
    await worker?.stop();
  }
});

it('a runner that takes nothing though jobs are due is told, started anew and, when that does not help, not ready', async () => {
  const metrics = createMetrics('test', false);
  const worker = await startWorker({ db, url, log, metrics, tasks, every: 200, patience: 1000 });
  try {
    await add('first');
    await until(async () => (await left()) === 0);
    await admin.query('begin; lock table graphile_worker._private_jobs in exclusive mode');
    // Whoever else adds a job waits for the table; a job is seen by others only when it is committed.
    await admin.query(`select graphile_worker.add_job('note', '{"id":"due"}'::json, run_at := now() + interval '1 s')`);
    await admin.query('commit; begin; lock table graphile_worker._private_jobs in exclusive mode');
    await until(() => said('jobs are due and the job runner takes none') > 0, 10);
    expect(worker.ready()).toBe(true);
    expect(await metric(metrics, 'nefos_job_runner_restarts_total')).toBeGreaterThan(0);
    await until(() => !worker.ready(), 15);
    expect(await metric(metrics, 'nefos_jobs_oldest_due_seconds')).toBeGreaterThan(1);
    await admin.query('commit');
    await until(() => seen.includes('due') && worker.ready());
    // Also when a question that a former run left at the server takes the job first, which is free again two seconds
    // later.
    expect(said('jobs are due and the job runner takes none')).toBe(1);
  } finally {
    await worker.stop();
  }
}, 60_000);

it('a job of a dead worker, free again after a long time, is not taken for one that the living runner leaves', async () => {
  const worker = await startWorker({ db, url, log, tasks, every: 200, patience: 1000 });
  try {
    await sleep(1500); // nothing taken for longer than the patience
    await admin.query(`begin; select graphile_worker.add_job('note', '{"id":"old"}'::json, run_at := now() - interval '1 minute', job_key := 'old');
      update graphile_worker._private_jobs set attempts = 1, locked_by = 'pool-dead', locked_at = now() - interval '1 minute'; commit`);
    await until(() => seen.includes('old'));
    expect(said('jobs of dead workers are free again')).toBe(1);
    expect(said('jobs are due and the job runner takes none')).toBe(0);
  } finally {
    await worker.stop();
  }
});

it('a queue that is locked though none of its jobs is does not stand still', async () => {
  const worker = await startWorker({ db, url, log, tasks });
  try {
    await add('before', { queue: 'q' });
    await until(async () => (await left()) === 0);
    await admin.query(
      "insert into graphile_worker._private_job_queues (queue_name, locked_at, locked_by) values ('q2', now() - interval '1 minute', 'somebody')",
    );
    await add('after', { queue: 'q2' });
    await until(() => seen.includes('after'), 8);
  } finally {
    await worker.stop();
  }
});

it('a job that is out of attempts is one error line', async () => {
  const worker = await startWorker({ db, url, log, tasks: { note: () => Promise.reject(new Error('never')) } });
  try {
    await add('poor', { maxAttempts: 1 });
    await until(() => said('a job is out of attempts and is kept: see `npm run nefos -- jobs list`') === 1);
  } finally {
    await worker.stop();
    await admin.query('select graphile_worker.complete_jobs(array_agg(id)) from graphile_worker.jobs');
  }
});

it('a job that another has taken the place of does not count as out of attempts when its worker died over it', async () => {
  await add('again', { key: 'k' });
  await admin.query(
    "update graphile_worker._private_jobs set attempts = 1, locked_by = 'pool-dead', locked_at = now() - interval '1 minute'",
  );
  await add('again', { key: 'k' });
  const worker = await startWorker({ db, url, log, tasks });
  try {
    await until(async () => (await left()) === 0, 10);
    expect(seen).toEqual(['again']);
  } finally {
    await worker.stop();
  }
});

it('a job that another has taken the place of is not listed for the operator and can not be brought back', async () => {
  await add('again', { key: 'k' });
  await admin.query("update graphile_worker._private_jobs set attempts = 1, locked_by = 'pool', locked_at = now()");
  await add('again', { key: 'k' });
  // Its worker fails.
  const { rows } = await admin.query<{ id: string }>(
    'update graphile_worker._private_jobs set locked_by = null, locked_at = null where key is null returning id',
  );
  expect(rows.length).toBe(1);
  expect(await deadJobs(db, 10)).toEqual([]);
  expect(await deadAmong(db, [rows[0]!.id])).toEqual([]);
  expect(await retryJobs(db, 'all')).toBe(0);
  expect(await retryJobs(db, [rows[0]!.id])).toBe(0);
  await admin.query('delete from graphile_worker._private_jobs');
});

it('all jobs that failed are hurried, whatever their number; those that run or are out of attempts are not', async () => {
  const later = "run_at = now() + interval '1 hour'";
  await db.transaction(async (tx) => {
    for (let n = 0; n < 2003; n += 1) await enqueue(tx, 'note', { id: `${n}` });
  });
  await admin.query(`update graphile_worker._private_jobs set attempts = 1, ${later}`);
  await admin.query(
    "update graphile_worker._private_jobs set locked_by = 'pool', locked_at = now() where payload->>'id' = '1'",
  );
  await admin.query("update graphile_worker._private_jobs set attempts = max_attempts where payload->>'id' = '2'");
  await admin.query("update graphile_worker._private_jobs set attempts = 0 where payload->>'id' = '3'");
  try {
    expect(await hurryJobs(db, ['note'])).toBe(2000);
    const { rows } = await admin.query<{ id: string }>(
      "select payload->>'id' id from graphile_worker._private_jobs where run_at > now() order by id",
    );
    expect(rows.map((one) => one.id)).toEqual(['1', '2', '3']);
    expect(await hurryJobs(db, ['note', 'other'])).toBe(0);
  } finally {
    await admin.query('delete from graphile_worker._private_jobs');
  }
}, 30_000);

it('a job without a key of its own, whose worker died over its last attempt, is kept for the operator', async () => {
  const metrics = createMetrics('test', false);
  await add('last', { maxAttempts: 1 });
  await admin.query(
    "update graphile_worker._private_jobs set attempts = 1, locked_by = 'pool-dead', locked_at = now() - interval '1 minute'",
  );
  const worker = await startWorker({ db, url, log, metrics, tasks, every: 200 });
  try {
    await until(async () => (await metric(metrics, 'nefos_jobs_dead')) === 1);
    expect((await deadJobs(db, 10)).map((one) => one.payload)).toEqual([{ id: 'last' }]);
    expect(await retryJobs(db, 'all')).toBe(1);
    await until(() => seen.includes('last'));
  } finally {
    await worker.stop();
    await admin.query('select graphile_worker.complete_jobs(array_agg(id)) from graphile_worker.jobs');
  }
});
