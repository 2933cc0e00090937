import { onCommit, inOneTransaction, openDatabase, run, sql, type Db } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import pino from 'pino';

const log = pino({ level: 'silent' });
let db: Db;
let drop: () => Promise<void>;
beforeAll(async () => {
  const clone = await cloneDatabase({ name: 'one_transaction', log });
  db = await openDatabase({ url: clone.url, log, applicationName: 'test' });
  drop = async () => {
    await db.close();
    await clone.drop();
  };
  await sql(db, 'create table t (n int primary key)');
});
afterAll(() => drop());
beforeEach(() => run(db, 'delete from t'));

const rows = async (q: Db = db): Promise<number[]> =>
  (await sql<{ n: number }>(q, 'select n from t order by n')).map((row) => row.n);
const put = (q: Db, n: number): Promise<number> => q.transaction((tx) => run(tx, 'insert into t values ($1)', [n]));
const hooks = { begin: async () => undefined, end: async () => undefined };

describe('several transactions as one', () => {
  it('all is seen inside at once, and outside when all is done', async () => {
    const views = await inOneTransaction(
      db,
      async (joint) => {
        await put(joint, 1);
        await put(joint, 2);
        return { inside: await rows(joint), outside: await rows() };
      },
      {
        begin: async (tx) => void (await run(tx, 'insert into t values (0)')),
        end: async (tx, { inside }) => void (await run(tx, 'insert into t values ($1)', [inside.length])),
      },
    );
    expect(views).toEqual({ inside: [0, 1, 2], outside: [] });
    expect(await rows()).toEqual([0, 1, 2, 3]);
  });
  it.each<[string, Parameters<typeof inOneTransaction>[2]]>([
    ['the beginning', { ...hooks, begin: () => Promise.reject(new Error('refused')) }],
    ['the end', { ...hooks, end: () => Promise.reject(new Error('refused')) }],
  ])('nothing is there when %s fails', async (_what, failing) => {
    await expect(inOneTransaction(db, (joint) => put(joint, 1), failing)).rejects.toThrow('refused');
    expect(await rows()).toEqual([]);
  });
  it('one of them may fail and the others stay', async () => {
    await inOneTransaction(
      db,
      async (joint) => {
        await put(joint, 1);
        await expect(put(joint, 1)).rejects.toMatchObject({ code: '23505' });
        await put(joint, 2);
      },
      hooks,
    );
    expect(await rows()).toEqual([1, 2]);
  });
  it('what one of them left to do after the commit goes with it when it fails', async () => {
    const done: string[] = [];
    const later = (what: string) => (q: Parameters<typeof onCommit>[0]) => onCommit(q, () => done.push(what));
    await inOneTransaction(
      db,
      async (joint) => {
        await joint.transaction(async (tx) => later('first')(tx));
        const failing = joint.transaction(async (tx) => {
          later('undone')(tx);
          later('undone')(joint);
          await run(tx, 'insert into t values (1)');
          throw new Error('refused');
        });
        await expect(failing).rejects.toThrow('refused');
        await joint.transaction(async (tx) => later('last')(tx));
        expect(done).toEqual([]);
      },
      hooks,
    );
    expect(done).toEqual(['first', 'last']);
    expect(await rows()).toEqual([]);
  });
  it('before the first of them nothing is open, after the last the plain database serves', async () => {
    let kept: Db | undefined;
    await inOneTransaction(
      db,
      async (joint) => {
        kept = joint;
        await run(joint, 'insert into t values (7)');
        expect(await rows()).toEqual([7]);
      },
      hooks,
    );
    await put(kept as Db, 8);
    expect(await rows(kept)).toEqual([7, 8]);
  });
  it('a deadlock runs the work again', async () => {
    let times = 0;
    await inOneTransaction(
      db,
      async (joint) => {
        times += 1;
        await put(joint, 1);
        if (times === 1) throw Object.assign(new Error('deadlock detected'), { code: '40P01' });
      },
      hooks,
    );
    expect([times, await rows()]).toEqual([2, [1]]);
  });
  it('gives every connection back', async () => {
    for (let i = 0; i < 30; i += 1)
      await inOneTransaction(db, (joint) => put(joint, 1), {
        ...hooks,
        end: () => Promise.reject(new Error('refused')),
      }).catch(() => undefined);
    expect(db.pool.waitingCount).toBe(0);
    expect(db.pool.idleCount).toBe(db.pool.totalCount);
  });
});
