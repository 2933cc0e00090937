import { asFault, Fault } from '@nefos/service-kit';

describe('an unknown error', () => {
  it('stays what it is when it is a Fault', () => {
    const fault = new Fault('conflict', 'x');
    expect(asFault(fault)).toBe(fault);
  });
  it.each([
    ['refused', { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:5432' }],
    ['stopping', { code: '57P01', message: 'terminating connection due to administrator command' }],
    ['starting', { code: '57P03', message: 'the database system is starting up' }],
    ['cut', new Error('Connection terminated unexpectedly')],
    ['cut within a transaction', new Error('Query runner already released. Cannot run queries anymore.')],
    ['full', new Error('timeout exceeded when trying to connect')],
    ['wrapped by TypeORM', Object.assign(new Error('x'), { driverError: { code: '57P02' } })],
  ])('is `unavailable` while the database is away: %s', (_name, err) => {
    expect(asFault(err)).toMatchObject({ kind: 'unavailable', code: 'database_unavailable', params: { retryAfter: 1 }, cause: err });
  });
  it.each([
    ['a violated constraint', { code: '23505' }],
    ['a mistake of ours', new TypeError('x is not a function')],
    ['a thrown string', 'Connection'],
    ['nothing', undefined],
  ])('is `internal` otherwise: %s', (_name, err) => {
    expect(asFault(err)).toMatchObject({ kind: 'internal', cause: err });
  });
});
