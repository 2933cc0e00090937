import { asFault, em, integer, jointly, openDatabase, run, sql, table, violates, type Db } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';
import { boundRunner } from '../src/query-limit.js';

const log = pino({ level: 'silent' });
const numbers = table('t', { n: integer() }, { primary: ['n'] });
let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  const clone = await cloneDatabase({ name: 'kit_em', log });
  db = await openDatabase({ url: clone.url, log, applicationName: 'test', entities: [numbers] });
  drop = async () => {
    await db.close();
    await clone.drop();
  };
  await sql(db, 'create table t (n int constraint t_pkey primary key)');
  await sql(
    db,
    `create function raise_deadlock() returns void language plpgsql
      as $$ begin raise exception 'deadlock' using errcode = '40P01'; end $$`,
  );
});
afterAll(() => drop());
beforeEach(() => run(db, 'delete from t'));

const rejection = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => undefined,
    (err: unknown) => err,
  );
const pidOf = async (q: Parameters<typeof sql>[0]): Promise<number> =>
  (await sql<{ pid: number }>(q, 'select pg_backend_pid() pid'))[0]?.pid as number;

describe("TypeORM's manager", () => {
  it('is inside the transaction when there is one', async () => {
    const failed = db.transaction(async (tx) => {
      await em(tx).insert(numbers, { n: 1 });
      expect(await em(tx).count(numbers)).toBe(1);
      expect(await em(db).count(numbers)).toBe(0);
      throw new Error('refused');
    });
    await expect(failed).rejects.toThrow('refused');
    expect(await em(db).count(numbers)).toBe(0);
  });
  it('is inside the joint transaction, and outside before and after it', async () => {
    const failed = jointly(
      db,
      async (joint) => {
        await joint.transaction((tx) => em(tx).insert(numbers, { n: 1 }));
        await em(joint).insert(numbers, { n: 2 });
        expect([await em(joint).count(numbers), await em(db).count(numbers)]).toEqual([2, 0]);
      },
      { begin: async () => undefined, end: () => Promise.reject(new Error('refused')) },
    );
    await expect(failed).rejects.toThrow('refused');
    expect(await em(db).count(numbers)).toBe(0);
  });
  it('says which constraint was violated', async () => {
    await em(db).insert(numbers, { n: 1 });
    expect(violates(await rejection(em(db).insert(numbers, { n: 1 })), 't_pkey')).toBe(true);
    expect(violates(await rejection(db.transaction((tx) => em(tx).insert(numbers, { n: 1 }))), 't_pkey')).toBe(true);
  });
  it('a transaction whose statement deadlocked there runs again', async () => {
    let times = 0;
    await db.transaction(async (tx) => {
      times += 1;
      await em(tx).insert(numbers, { n: times });
      if (times === 1) await em(tx).createQueryBuilder().select('raise_deadlock()').from(numbers, 't').getRawMany();
    });
    expect([times, await em(db).find(numbers)]).toEqual([2, [{ n: 2 }]]);
  });
  it('a connection that breaks under a statement is a database that is away', async () => {
    const slow = (q: Parameters<typeof em>[0]) =>
      em(q).createQueryBuilder(numbers, 't').where('t.n = 0 or pg_sleep(20) is null').getMany();
    await em(db).insert(numbers, { n: 1 });
    const kill = async (): Promise<void> => {
      for (let killed = 0; !killed;)
        killed = await run(
          db,
          `select pg_terminate_backend(pid) from pg_stat_activity
            where query like '%pg_sleep%' and pid <> pg_backend_pid() and state = 'active'`,
        );
    };
    for (const work of [() => slow(db), () => db.transaction((tx) => slow(tx))]) {
      const [err] = await Promise.all([rejection(work()), kill()]);
      expect(asFault(err).kind).toBe('unavailable');
    }
    expect(await em(db).count(numbers)).toBe(1);
  });
  it('its statements are given up after a time, and their connection is not used again', async () => {
    const runner = boundRunner(db.source.createQueryRunner(), 200);
    const pid = ((await runner.query('select pg_backend_pid() pid')) as { pid: number }[])[0]?.pid;
    const err = await rejection(runner.query('select pg_sleep(20)'));
    expect(asFault(err).kind).toBe('unavailable');
    await runner.release();
    const pids = await Promise.all(Array.from({ length: 10 }, () => pidOf(db)));
    expect(pids).not.toContain(pid);
  });
  it('all statements have the bound but those of migrations', async () => {
    const asked: { text: string; query_timeout?: number }[] = [];
    const spy = (client: { query: (...args: never[]) => unknown }): void => {
      if (Object.hasOwn(client, 'query')) return;
      const query = client.query.bind(client) as (...args: unknown[]) => unknown;
      client.query = (config: never, ...more: unknown[]) => {
        asked.push(typeof config === 'string' ? { text: config } : config);
        return query(config, ...more);
      };
    };
    const { pool } = db;
    pool.on('acquire', spy);
    await em(db).count(numbers);
    await db.transaction((tx) => em(tx).count(numbers));
    expect(asked.map((one) => [one.text.slice(0, 6), one.query_timeout])).toEqual([
      ['SELECT', 60_000],
      ['START ', 60_000],
      ['SELECT', 60_000],
      ['COMMIT', 60_000],
    ]);
  });
});
