import { asFault, Fault, markDatabaseError, openDatabase, sql } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';

describe('an unknown error', () => {
  it('stays what it is when it is a Fault', () => {
    const fault = new Fault('conflict', 'x');
    expect(asFault(fault)).toBe(fault);
  });
  it.each([
    ['refused', markDatabaseError({ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:5432' })],
    [
      'cut under a statement of TypeORM',
      Object.assign(new Error('x'), { code: 'ECONNRESET', driverError: { code: 'ECONNRESET' } }),
    ],
    ['stopping', { code: '57P01', message: 'terminating connection due to administrator command' }],
    ['starting', { code: '57P03', message: 'the database system is starting up' }],
    [
      'with another password for our role',
      Object.assign(new Error('password authentication failed'), { code: '28P01' }),
    ],
    ['without our role', { code: '28000', message: 'role "nefos_compute" is not permitted to log in' }],
    ['not there', { code: '3D000', message: 'database "nefos_compute" does not exist' }],
    ['cut', new Error('Connection terminated unexpectedly')],
    ['cut within a transaction', new Error('Query runner already released. Cannot run queries anymore.')],
    ['full', new Error('timeout exceeded when trying to connect')],
    ['wrapped by TypeORM', Object.assign(new Error('x'), { driverError: { code: '57P02' } })],
  ])('is `unavailable` while the database is away: %s', (_name, err) => {
    expect(asFault(err)).toMatchObject({
      kind: 'unavailable',
      code: 'database_unavailable',
      params: { retryAfter: 1 },
      cause: err,
    });
  });
  it.each([
    [
      'another peer that refuses',
      Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:25'), { code: 'ECONNREFUSED' }),
    ],
    [
      'another peer that is silent',
      Object.assign(new Error('Greeting never received'), { code: 'ETIMEDOUT', command: 'CONN' }),
    ],
    ['a violated constraint', { code: '23505' }],
    ['a mistake of ours', new TypeError('x is not a function')],
    ['a thrown string', 'Connection'],
    ['nothing', undefined],
  ])('is `internal` otherwise: %s', (_name, err) => {
    expect(asFault(err)).toMatchObject({ kind: 'internal', cause: err });
  });
});

it('a database that can not be reached is known by where the error came from', async () => {
  const log = pino({ level: 'silent' });
  const nowhere = openDatabase({ url: 'postgres://u:p@127.0.0.1:1/x', log, applicationName: 'test' });
  expect(asFault(await nowhere.catch((err: unknown) => err))).toMatchObject({ kind: 'unavailable' });
  const { url, drop } = await cloneDatabase({ name: 'kit_fault', log });
  const db = await openDatabase({ url, log, applicationName: 'test' });
  const { options } = db.pool as unknown as { options: { port: number; connectionString?: string } };
  try {
    await db.pool.query('select pg_terminate_backend(pg_backend_pid())').catch(() => undefined);
    Object.assign(options, {
      connectionString: Object.assign(new URL(url), { port: '1', hostname: '127.0.0.1' }).href,
    });
    const asks: (() => Promise<unknown>)[] = [
      () => sql(db, 'select 1'),
      () => db.transaction((tx) => sql(tx, 'select 1')),
      () => db.source.query('select 1'),
      // As libraries ask that are given the pool: the limiter of log-ins, the job queue.
      () => db.pool.query('select 1'),
      () => db.pool.connect(),
    ];
    for (const ask of asks) {
      const err: unknown = await ask().catch((failure: unknown) => failure);
      expect([err, asFault(err).code]).toEqual([
        expect.objectContaining({ code: 'ECONNREFUSED' }),
        'database_unavailable',
      ]);
    }
  } finally {
    await db.close();
    await drop();
  }
});
