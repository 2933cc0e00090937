import {
  enqueue,
  migrateJobs,
  openDatabase,
  publish,
  OUTBOX_DDL,
  OUTBOX_SET_ASIDE_DDL,
  sql,
  startRelay,
  startWorker,
  type Db,
} from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import pg from 'pg';
import { pino } from 'pino';

const log = pino({ level: 'silent' });
const until = async (what: () => boolean | Promise<boolean>): Promise<void> => {
  for (let i = 0; i < 400; i += 1) {
    if (await what()) return;
    await new Promise((r) => setTimeout(r, 25));
  }
  throw new Error('not in time');
};

/** A database with the queue's and the outbox's tables, for the tests of one block. */
const useQueue = (): { readonly db: Db; readonly url: string } => {
  const held = {} as { db: Db; url: string };
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const clone = await cloneDatabase({
      name: 'kit',
      log,
      more: async (fresh) => {
        await migrateJobs(fresh);
        await sql(fresh, OUTBOX_DDL + OUTBOX_SET_ASIDE_DDL);
      },
    });
    drop = clone.drop;
    held.url = clone.url;
    held.db = await openDatabase({ url: clone.url, log, applicationName: 'test' });
  });
  afterAll(async () => {
    await held.db.close();
    await drop();
  });
  return held;
};

describe('jobs and outbox', () => {
  const queue = useQueue();

  it('a job of a transaction that is rolled back never runs; one that commits runs within milliseconds', async () => {
    const { db, url } = queue;
    const seen: string[] = [];
    const worker = await startWorker({
      db,
      url,
      log,
      tasks: {
        note: async ({ id }) => {
          seen.push(id as string);
        },
      },
    });
    await expect(
      db.transaction(async (tx) => {
        await enqueue(tx, 'note', { id: 'no' });
        throw new Error('undo');
      }),
    ).rejects.toThrow('undo');
    await db.transaction((tx) => enqueue(tx, 'note', { id: 'yes' }));
    await until(() => seen.length > 0);
    expect(seen).toEqual(['yes']);
    await worker.stop();
  });
  it('events are told in order, again after a failure, and are gone when taken', async () => {
    const { db, url } = queue;
    const told: number[] = [];
    let refuse = true;
    const relay = await startRelay({
      db,
      url,
      log,
      every: 50,
      deliver: async (events) => {
        if (refuse) {
          refuse = false;
          throw new Error('down');
        }
        told.push(...events.map((e) => (e as { n: number }).n));
        return events.map((e) => ({ id: (e as { id: string }).id, taken: true }));
      },
    });
    for (let n = 1; n <= 3; n += 1) await db.transaction((tx) => publish(tx, 'x', (id) => ({ id, n })));
    await until(() => told.length === 3);
    await relay.stop();
    expect(told).toEqual([1, 2, 3]);
    expect(await sql(db, 'select 1 from outbox')).toEqual([]);
  });
  it('a batch that is too large for the receiver is told in smaller ones', async () => {
    const { db, url } = queue;
    const told: number[] = [];
    const relay = await startRelay({
      db,
      url,
      log,
      every: 50,
      deliver: async (events) => {
        if (events.length > 3) throw Object.assign(new Error('413'), { status: 413 });
        told.push(...events.map((e) => (e as { n: number }).n));
        return events.map((e) => ({ id: (e as { id: string }).id, taken: true }));
      },
    });
    await db.transaction(async (tx) => {
      for (let n = 1; n <= 20; n += 1) await publish(tx, 'x', (id) => ({ id, n }));
    });
    await until(() => told.length === 20);
    await relay.stop();
    expect(told).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });
  it('the end does not wait until a long queue is told', async () => {
    const { db, url } = queue;
    let rounds = 0;
    await db.transaction(async (tx) => {
      for (let n = 1; n <= 20; n += 1) await publish(tx, 'x', (id) => ({ id, n }));
    });
    const relay = await startRelay({
      db,
      url,
      log,
      batch: 1,
      deliver: async (events) => {
        rounds += 1;
        await new Promise((r) => setTimeout(r, 100));
        return events.map((e) => ({ id: (e as { id: string }).id, taken: true }));
      },
    });
    await until(() => rounds > 0);
    await relay.stop();
    expect(rounds).toBeLessThan(5);
    await sql(db, 'delete from outbox');
  });
});

describe('the lease of a worker', () => {
  const queue = useQueue();

  it("a job locked by a worker that is dead runs again; a living worker's job does not", async () => {
    const { db, url } = queue;
    const seen: string[] = [];
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const worker = await startWorker({
      db,
      url,
      log,
      tasks: {
        note: async ({ id }) => {
          seen.push(id as string);
          if (id === 'slow') await slow;
        },
      },
    });
    await db.transaction((tx) => enqueue(tx, 'note', { id: 'slow' }));
    await until(() => seen.includes('slow'));
    await db.transaction((tx) => enqueue(tx, 'note', { id: 'left' }, { runAt: new Date(Date.now() + 3_600_000) }));
    // What a SIGKILL leaves: a row locked by a pool whose session lock nobody holds.
    await sql(
      db,
      "update graphile_worker._private_jobs set locked_at = now() - interval '1 minute', locked_by = 'worker-of-the-dead', run_at = now() where payload->>'id' = 'left'",
    );
    await sql(
      db,
      "update graphile_worker._private_jobs set locked_at = now() - interval '1 minute' where payload->>'id' = 'slow'",
    );
    await until(() => seen.includes('left'));
    expect(seen.filter((id) => id === 'slow')).toEqual(['slow']);
    release();
    await worker.stop();
  });
  it('a worker whose lease connection breaks takes it again and works on', async () => {
    const { db, url } = queue;
    const seen: string[] = [];
    const worker = await startWorker({
      db,
      url,
      log,
      tasks: {
        note: async ({ id }) => {
          seen.push(id as string);
        },
      },
    });
    await sql(
      db,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'nefos-job-lease' and datname = current_database()",
    );
    await db.transaction((tx) => enqueue(tx, 'note', { id: 'after' }));
    await until(() => seen.includes('after'));
    await until(
      async () =>
        (
          await sql(
            db,
            "select 1 from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and a.application_name = 'nefos-job-lease' and a.datname = current_database()",
          )
        ).length > 0,
    );
    await worker.stop();
  });
  it('a job that ends while the database is away runs again: its end could not be written down', async () => {
    const { db, url } = queue;
    const name = new URL(url).pathname.slice(1);
    const admin = new pg.Client({
      connectionString: Object.assign(new URL(url), { pathname: '/postgres' }).toString(),
    });
    await admin.connect();
    const open = (yes: boolean): Promise<unknown> =>
      admin.query(`alter database ${name} allow_connections ${String(yes)}`);
    const runs: string[] = [];
    const worker = await startWorker({
      db,
      url,
      log,
      tasks: {
        note: async ({ id }) => {
          runs.push(id as string);
          if (runs.length > 1) return;
          await open(false);
          await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
        },
      },
    });
    try {
      await db.transaction((tx) => enqueue(tx, 'note', { id: 'cut-off' }));
      await until(() => runs.length === 1);
      await new Promise((r) => setTimeout(r, 300));
      await open(true);
      await until(() => runs.length === 2);
      await until(async () => (await sql(db, 'select 1 from graphile_worker.jobs')).length === 0);
    } finally {
      await open(true);
      await admin.end();
      await worker.stop();
    }
  });
});
