import { setTimeout as sleep } from 'node:timers/promises';
import {
  createMetrics,
  enqueue,
  migrateJobs,
  openDatabase,
  run,
  sql,
  startWorker,
  type Db,
  type Worker,
} from '@nefos/service-kit';
import pg from 'pg';
import { pino } from 'pino';
import { ownPostgres } from './own-postgres.js';

// KILLS=500 npm test -- packages/service-kit/test/kills  for a longer look.
const KILLS = Number(process.env.KILLS ?? 50);
const lines: { level: number; msg: string }[] = [];
const log = pino(
  { level: 'warn' },
  { write: (line: string) => void lines.push(JSON.parse(line) as { level: number; msg: string }) },
);
let server: Awaited<ReturnType<typeof ownPostgres>>;
let db: Db;
let worker: Worker;
const added = new Set<string>();
const done = new Set<string>();
/** So many wait at most: what is measured is how soon a job is found again, not how long a queue takes. */
const MOST_WAITING = 100;

/** One try of `work` after the other until one goes through: the database is being killed meanwhile. */
const insist = async <T>(work: () => Promise<T>): Promise<T> => {
  for (;;)
    try {
      return await work();
    } catch {
      await sleep(50);
    }
};
/** The pids of all backends that serve a client. */
const backends = (client: pg.Client): Promise<number[]> =>
  client
    .query<{ pid: number }>(
      "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid()",
    )
    .then(({ rows }) => rows.map((r) => r.pid));
/**
 * Kills one backend at random: asked to leave by PostgreSQL, or by SIGKILL, after which PostgreSQL restarts all of
 * them.
 */
const killOne = (hard: boolean): Promise<void> =>
  insist(async () => {
    const client = new pg.Client({ connectionString: server.url, connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const pids = await backends(client);
      const pid = pids[Math.floor(Math.random() * pids.length)];
      if (pid === undefined) throw new Error('nobody is there');
      if (hard) process.kill(pid, 'SIGKILL');
      else await client.query('select pg_terminate_backend($1)', [pid]);
    } finally {
      client.end().catch(() => undefined);
    }
  });

beforeAll(async () => {
  server = await ownPostgres();
  db = await openDatabase({ url: server.url, log, applicationName: 'test' });
  await migrateJobs(db);
  await sql(db, 'create table done (id text primary key, times int not null)');
  worker = await startWorker({
    db,
    url: server.url,
    log,
    metrics: createMetrics('test', false),
    tasks: {
      work: async ({ id }) => {
        await sleep(Math.random() * 60);
        await db.transaction((tx) =>
          run(tx, 'insert into done values ($1, 1) on conflict (id) do update set times = done.times + 1', [id]),
        );
        done.add(id ?? '');
      },
    },
  });
}, 60_000);
afterAll(async () => {
  await worker?.stop();
  await db?.close();
  await server?.close();
}, 30_000);

it(
  `${KILLS} backends of the database are killed under load: every job is done within 15 s of the last kill`,
  async () => {
    let going = true;
    const load = Promise.all(
      Array.from({ length: 4 }, async (_, lane) => {
        for (let n = 0; going; n += 1) {
          const id = `${lane}-${n}`;
          // Two of three share a queue with their neighbours.
          await insist(() =>
            db.transaction((tx) => enqueue(tx, 'work', { id }, n % 3 ? { queue: `q${n % 20}`, key: id } : { key: id })),
          );
          added.add(id);
          do await sleep(15);
          while (going && added.size - done.size > MOST_WAITING);
        }
      }),
    );
    for (let n = 1; n <= KILLS; n += 1) {
      await sleep(50 + Math.random() * 250);
      await killOne(n % 8 === 0);
    }
    const last = Date.now();
    going = false;
    await load;
    let left = added.size;
    while (left && Date.now() - last < 15_000) {
      await sleep(100);
      left = await insist(async () => {
        const [row] = await sql<{ n: number }>(
          db,
          'select count(*)::int n from unnest($1::text[]) id where not exists (select 1 from done where done.id = id.id)',
          [[...added]],
        );
        return row!.n;
      });
    }
    if (left) {
      const jobs = await sql(
        db,
        `select id, attempts, round(extract(epoch from run_at - now())) due_in, queue_name queue, locked_by,
          round(extract(epoch from now() - locked_at)) locked_for, left(last_error, 80) error,
          exists (select from pg_locks where classid = 77 and objid::bigint = hashtext(locked_by)::bigint & 4294967295) held
        from graphile_worker.jobs order by locked_at nulls last, run_at limit 20`,
      );
      throw new Error(`${left} of ${added.size} jobs are left: ${JSON.stringify({ jobs, lines: lines.slice(-10) })}`);
    }
    // A job runs again when its end could not be written down: at most a few do.
    const [row] = await sql<{ twice: number }>(db, 'select count(*) filter (where times > 1)::int twice from done');
    expect(row!.twice).toBeLessThan(added.size / 4);
    expect(worker.ready()).toBe(true);
    // 50 kills, and not 50 lines each.
    expect(lines.length).toBeLessThan(KILLS * 12);
  },
  60_000 + KILLS * 1000,
);
