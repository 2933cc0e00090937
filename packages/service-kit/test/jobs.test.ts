import { setTimeout as sleep } from 'node:timers/promises';
import {
  deadJobs,
  enqueue,
  ensureJob,
  publish,
  retryJobs,
  sql,
  startRelay,
  type Delivery,
  type JobContext,
} from '@nefos/service-kit';
import pg from 'pg';
import { silent as log, until, useDatabase, withWorker } from './support.js';

interface Event {
  id: string;
  n: number;
}
const accepted = (events: readonly object[]): Delivery[] =>
  events.map((e) => ({ id: (e as Event).id, accepted: true }));
const numbers = (events: readonly object[]): number[] => events.map((e) => (e as Event).n);
/** A task that keeps the ids of its jobs, and then does what `then` says. */
const noting = (then: (id: string) => Promise<void> = () => Promise.resolve()) => {
  const ids: string[] = [];
  const note = ({ id }: Record<string, string>): Promise<void> => {
    ids.push(id as string);
    return then(id as string);
  };
  return { ids, tasks: { note } };
};

describe('jobs and outbox', () => {
  const queue = useDatabase();

  it('a job of a transaction that is rolled back never runs; one that commits runs within milliseconds', async () => {
    const { db } = queue;
    const { ids, tasks } = noting();
    await withWorker(queue, tasks, async () => {
      await expect(
        db.transaction(async (tx) => {
          await enqueue(tx, 'note', { id: 'no' });
          throw new Error('undo');
        }),
      ).rejects.toThrow('undo');
      await db.transaction((tx) => enqueue(tx, 'note', { id: 'yes' }));
      await until(() => ids.length > 0);
      expect(ids).toEqual(['yes']);
    });
  });
  it('two jobs of one key do not work at once, in one process or in two; those of other keys do', async () => {
    const { db } = queue;
    const now = new Set<string>();
    const done: string[] = [];
    let refused = 0;
    const work = async ({ id = '', key = '' }: Record<string, string>, { alone }: JobContext): Promise<void> => {
      const free = await alone(key, async () => {
        expect(now).not.toContain(key);
        now.add(key);
        await sleep(150);
        now.delete(key);
        done.push(id);
      });
      if (free) return;
      refused += 1;
      await db.transaction((tx) => enqueue(tx, 'work', { id, key }, { key: id, runAt: new Date(Date.now() + 50) }));
    };
    await withWorker(queue, { work }, () =>
      withWorker(queue, { work }, async () => {
        await db.transaction(async (tx) => {
          for (const id of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2'])
            await enqueue(tx, 'work', { id, key: id.charAt(0) }, { key: id });
        });
        await until(() => done.length === 6);
      }),
    );
    expect(done.sort()).toEqual(['a1', 'a2', 'a3', 'a4', 'b1', 'b2']);
    expect(refused).toBeGreaterThan(0);
  });
  describe('when the connection of the turns is lost', () => {
    const LOST = `select pg_terminate_backend(pid) from pg_stat_activity
      where application_name = 'nefos-job-lease' and datname = current_database()`;
    const locks = () =>
      sql(
        queue.db,
        `select 1 from pg_locks where locktype = 'advisory' and classid = 81
          and database = (select oid from pg_database where datname = current_database())`,
      );
    it('who works is told, nobody joins it, and it is done again', async () => {
      const { db } = queue;
      const seen: string[] = [];
      let goOn = false;
      let working = 0;
      const work = async ({ id = '' }: Record<string, string>, { alone }: JobContext): Promise<void> => {
        const free = await alone('lost', async (turn) => {
          seen.push(`${id}: ${(working += 1)}`);
          try {
            if (id === 'first' && seen.length === 1) {
              await sql(db, LOST);
              await until(() => turn.aborted);
              await until(async () => (await locks()).length === 1);
              await until(() => goOn);
            }
            turn.throwIfAborted();
          } finally {
            working -= 1;
          }
        });
        seen.push(`${id} ${free ? 'done' : 'refused'}`);
      };
      await withWorker(queue, { work }, async () => {
        await db.transaction((tx) => enqueue(tx, 'work', { id: 'first' }));
        await until(async () => seen.length === 1 && (await locks()).length === 1);
        await withWorker(queue, { work }, async () => {
          await sleep(1500);
          await db.transaction((tx) => enqueue(tx, 'work', { id: 'other' }));
          await until(() => seen.includes('other refused'));
          goOn = true;
          await until(() => seen.includes('first done'));
        });
      });
      expect(seen).toEqual(['first: 1', 'other refused', 'first: 1', 'first done']);
    });
    it('what ends meanwhile leaves no lock', async () => {
      const { db } = queue;
      const over: string[] = [];
      let begun = 0;
      // They end before, while and after the connection is made again.
      const work = ({ ms = '' }: Record<string, string>, { alone }: JobContext): Promise<void> =>
        alone(`over ${ms}`, async () => {
          begun += 1;
          await until(() => begun >= 5);
          if (ms === '0') await sql(db, LOST);
          await sleep(Number(ms));
          over.push(ms);
        }).then(() => undefined);
      await withWorker(queue, { work }, async () => {
        await db.transaction(async (tx) => {
          for (const ms of ['0', '200', '495', '505', '900']) await enqueue(tx, 'work', { ms });
        });
        await until(() => over.length === 5);
        await sleep(1000);
        expect(await locks()).toEqual([]);
      });
    });
  });
  it('events are delivered in order, again after a failure, and are gone when accepted', async () => {
    const { db, url } = queue;
    const delivered: number[] = [];
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
        delivered.push(...numbers(events));
        return accepted(events);
      },
    });
    for (let n = 1; n <= 3; n += 1) await db.transaction((tx) => publish(tx, 'x', (id) => ({ id, n })));
    await until(() => delivered.length === 3);
    await relay.stop();
    expect(delivered).toEqual([1, 2, 3]);
    expect(await sql(db, 'select 1 from outbox')).toEqual([]);
  });
  it('a batch that is too large for the receiver is delivered in smaller ones', async () => {
    const { db, url } = queue;
    const delivered: number[] = [];
    const relay = await startRelay({
      db,
      url,
      log,
      every: 50,
      deliver: async (events) => {
        if (events.length > 3) throw Object.assign(new Error('413'), { status: 413 });
        delivered.push(...numbers(events));
        return accepted(events);
      },
    });
    await db.transaction(async (tx) => {
      for (let n = 1; n <= 20; n += 1) await publish(tx, 'x', (id) => ({ id, n }));
    });
    await until(() => delivered.length === 20);
    await relay.stop();
    expect(delivered).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });
  it('the end does not wait until a long queue is delivered', async () => {
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
        await sleep(100);
        return accepted(events);
      },
    });
    await until(() => rounds > 0);
    await relay.stop();
    expect(rounds).toBeLessThan(5);
    await sql(db, 'delete from outbox');
  });
});

describe('a job that is asked for again and again', () => {
  const queue = useDatabase();
  const ensure = (key: string): Promise<void> =>
    queue.db.transaction((tx) => ensureJob(tx, 'note', { id: key }, { key, maxAttempts: 1 }));
  const count = async (): Promise<number> => (await sql(queue.db, 'select from graphile_worker.jobs')).length;

  it('is added once, and again when it is done', async () => {
    await ensure('once');
    await ensure('once');
    expect(await count()).toBe(1);
    const { ids, tasks } = noting();
    await withWorker(queue, tasks, async () => {
      await until(async () => (await count()) === 0);
      await ensure('once');
      await until(() => ids.length === 2);
    });
    expect(ids).toEqual(['once', 'once']);
  });
  it('stays dead, and counted, when it is out of attempts; the operator retries it', async () => {
    const { ids, tasks } = noting(() => (ids.length === 1 ? Promise.reject(new Error('broken')) : Promise.resolve()));
    await withWorker(queue, tasks, async () => {
      await ensure('dead');
      await until(async () => (await deadJobs(queue.db, 10)).length === 1);
      const dead = await deadJobs(queue.db, 10);
      expect(dead).toMatchObject([{ task: 'note', payload: { id: 'dead' }, attempts: 1 }]);
      await ensure('dead');
      await sleep(300);
      expect(await deadJobs(queue.db, 10)).toEqual(dead); // dead since the same moment
      expect(ids).toEqual(['dead']);
      await retryJobs(queue.db, 'all');
      await until(async () => (await count()) === 0);
    });
    expect(ids).toEqual(['dead', 'dead']);
  });
  it('runs soon again when it failed and waits, and has all its attempts', async () => {
    const again = (): Promise<void> =>
      queue.db.transaction((tx) => ensureJob(tx, 'note', { id: 'failed' }, { key: 'failed' }));
    await again();
    await sql(queue.db, "update graphile_worker._private_jobs set attempts = 9, run_at = now() + interval '3 hours'");
    await again();
    const due = 'select attempts from graphile_worker.jobs where run_at <= now()';
    expect(await sql(queue.db, due)).toEqual([{ attempts: 0 }]);
    await sql(queue.db, 'delete from graphile_worker._private_jobs');
  });
  it('a job that somebody asks for anew has all its attempts again', async () => {
    await ensure('anew');
    await sql(queue.db, 'update graphile_worker._private_jobs set attempts = max_attempts');
    expect(await deadJobs(queue.db, 10)).toHaveLength(1);
    await queue.db.transaction((tx) => enqueue(tx, 'note', { id: 'anew' }, { key: 'anew' }));
    expect(await deadJobs(queue.db, 10)).toEqual([]);
  });
});

describe('the lease of a worker', () => {
  const queue = useDatabase();

  it("a job locked by a worker that is dead runs again; a living worker's job does not", async () => {
    const { db } = queue;
    let release: () => void = () => undefined;
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    const { ids, tasks } = noting((id) => (id === 'slow' ? slow : Promise.resolve()));
    await withWorker(queue, tasks, async () => {
      await db.transaction((tx) => enqueue(tx, 'note', { id: 'slow' }));
      await until(() => ids.includes('slow'));
      await db.transaction((tx) => enqueue(tx, 'note', { id: 'left' }, { runAt: new Date(Date.now() + 3_600_000) }));
      // What a SIGKILL leaves: a row locked by a pool whose session lock nobody holds.
      await sql(
        db,
        `update graphile_worker._private_jobs
            set locked_at = now() - interval '1 minute', locked_by = 'worker-of-the-dead', run_at = now()
            where payload->>'id' = 'left'`,
      );
      await sql(
        db,
        `update graphile_worker._private_jobs set locked_at = now() - interval '1 minute'
            where payload->>'id' = 'slow'`,
      );
      await until(() => ids.includes('left'));
      expect(ids.filter((id) => id === 'slow')).toEqual(['slow']);
      release();
    });
  });
  it('a worker whose lease connection breaks takes it again and works on', async () => {
    const { db } = queue;
    const { ids, tasks } = noting();
    await withWorker(queue, tasks, async () => {
      await sql(
        db,
        `select pg_terminate_backend(pid) from pg_stat_activity
            where application_name = 'nefos-job-lease' and datname = current_database()`,
      );
      await db.transaction((tx) => enqueue(tx, 'note', { id: 'after' }));
      await until(() => ids.includes('after'));
      await until(
        async () =>
          (
            await sql(
              db,
              `select 1 from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory'
                  and a.application_name = 'nefos-job-lease' and a.datname = current_database()`,
            )
          ).length > 0,
      );
    });
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
    const { ids: runs, tasks } = noting(async () => {
      if (runs.length > 1) return;
      await open(false);
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
    });
    await withWorker(queue, tasks, async () => {
      try {
        await db.transaction((tx) => enqueue(tx, 'note', { id: 'cut-off' }));
        await until(() => runs.length === 1);
        await sleep(300);
        await open(true);
        await until(() => runs.length === 2);
        await until(async () => (await sql(db, 'select 1 from graphile_worker.jobs')).length === 0);
      } finally {
        await open(true);
      }
    });
    await admin.end();
  });
});
