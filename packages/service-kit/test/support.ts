import { setTimeout as sleep } from 'node:timers/promises';
import { migrateJobs, openDatabase, sql, startWorker, type Db, type JobHandler, type Log } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';

export const silent: Log = pino({ level: 'silent' });

/** Waits until something holds. @throws Error when it does not within `seconds` */
export const until = async (holds: () => boolean | Promise<boolean>, seconds = 20): Promise<void> => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(25)) if (await holds()) return;
  throw new Error('not in time');
};

export interface LogLine {
  level: number;
  msg: string;
  reason?: string;
}
/** A log that keeps its lines. */
export const keepingLog = (): { log: Log; lines: LogLine[]; count: (msg: string | RegExp) => number } => {
  const lines: LogLine[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line) as LogLine) });
  const fits = (msg: string, wanted: string | RegExp): boolean =>
    typeof wanted === 'string' ? msg === wanted : wanted.test(msg);
  return { log, lines, count: (wanted) => lines.filter((line) => fits(line.msg, wanted)).length };
};

/** The outbox's table, as a service's migrations make it. */
const OUTBOX = `
  create table outbox (
    id bigint generated always as identity primary key,
    event_id uuid not null constraint outbox_event_id_key unique,
    aggregate text not null,
    payload jsonb not null,
    created_at timestamptz not null default now(),
    attempts int not null default 0,
    last_error text,
    refused_at timestamptz,
    blamed int not null default 0,
    set_aside_at timestamptz
  );
  create index outbox_pending_idx on outbox (id) where refused_at is null;
  create index outbox_aggregate_idx on outbox (aggregate, id);
  create index outbox_set_aside_idx on outbox (aggregate, id) where set_aside_at is not null;
  create index outbox_refused_idx on outbox (id) where refused_at is not null;`;

export interface TestDatabase {
  db: Db;
  url: string;
}
/**
 * A database with the queue's and the outbox's tables, for the tests of one file or block. Its members are there when
 * the tests run.
 */
export const useDatabase = (log: Log = silent): TestDatabase => {
  const held = {} as TestDatabase;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const clone = await cloneDatabase({
      name: 'kit',
      log: silent,
      more: async (fresh) => {
        await migrateJobs(fresh);
        await sql(fresh, OUTBOX);
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

/** Runs `work` while a worker has the tasks. */
export const withWorker = async (
  { db, url }: TestDatabase,
  tasks: Record<string, JobHandler>,
  work: () => Promise<void>,
): Promise<void> => {
  const worker = await startWorker({ db, url, log: silent, tasks });
  try {
    await work();
  } finally {
    await worker.stop();
  }
};
