import { migrateJobs, openDatabase, startWorker } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';

// The library writes past the log when a pool has not all handlers: lines that are no JSON, twice at each start.
it('the job queue writes nothing past the log: not when its tables are made, not when jobs are taken', async () => {
  const log = pino({ level: 'silent' });
  const past = (['log', 'info', 'warn', 'error', 'debug'] as const).map((name) =>
    jest.spyOn(console, name).mockImplementation(() => undefined),
  );
  try {
    const { url, drop } = await cloneDatabase({ name: 'quiet', log });
    const db = await openDatabase({ url, log, applicationName: 'test' });
    try {
      await migrateJobs(db);
      const worker = await startWorker({ db, url, log, tasks: { note: () => Promise.resolve() } });
      await worker.stop();
    } finally {
      await db.close();
      await drop();
    }
    expect(past.flatMap((spy) => spy.mock.calls)).toEqual([]);
  } finally {
    for (const spy of past) spy.mockRestore();
  }
});
