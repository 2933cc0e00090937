import { enqueue, migrateJobs, openDatabase, publish, OUTBOX_DDL, sql, startRelay, startWorker, type Db } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';

const log = pino({ level: 'silent' });
const until = async (what: () => boolean | Promise<boolean>): Promise<void> => { for (let i = 0; i < 200; i += 1) { if (await what()) return; await new Promise((r) => setTimeout(r, 25)); } throw new Error('not in time'); };

describe('jobs and outbox', () => {
  let db: Db; let url: string; let drop: () => Promise<void>;
  beforeAll(async () => {
    ({ url, drop } = await cloneDatabase({ name: 'kit', log, more: async (fresh) => { await migrateJobs(fresh); await sql(fresh, OUTBOX_DDL); } }));
    db = await openDatabase({ url, log, applicationName: 'test' });
  });
  afterAll(async () => { await db.close(); await drop(); });

  it('a job of a transaction that is rolled back never runs; one that commits runs within milliseconds', async () => {
    const seen: string[] = [];
    const worker = await startWorker({ db, url, log, tasks: { note: async ({ id }) => { seen.push(id as string); } } });
    await expect(db.transaction(async (tx) => { await enqueue(tx, 'note', { id: 'no' }); throw new Error('undo'); })).rejects.toThrow('undo');
    await db.transaction((tx) => enqueue(tx, 'note', { id: 'yes' }));
    await until(() => seen.length > 0);
    expect(seen).toEqual(['yes']);
    await worker.stop();
  });
  it('events are told in order, again after a failure, and are gone when taken', async () => {
    const told: number[] = []; let refuse = true;
    const relay = await startRelay({ db, url, log, every: 50, deliver: async (events) => {
      if (refuse) { refuse = false; throw new Error('down'); }
      told.push(...events.map((e) => (e as { n: number }).n));
      return events.map((e) => ({ id: (e as { id: string }).id, taken: true }));
    } });
    for (let n = 1; n <= 3; n += 1) await db.transaction((tx) => publish(tx, 'x', (id) => ({ id, n })));
    await until(() => told.length === 3);
    await relay.stop();
    expect(told).toEqual([1, 2, 3]);
    expect(await sql(db, 'select 1 from outbox')).toEqual([]);
  });
});
