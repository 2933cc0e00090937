import { bigint, integer, nullable, run, table, varchar, withDefault, type Db } from '@nefos/service-kit';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';

/** The counters, in the form that rate-limiter-flexible wants; it reads and writes them itself. */
export const rateLimits = table(
  'rate_limit',
  {
    key: varchar(),
    points: withDefault(integer()),
    /** Milliseconds since 1970. */
    expire: nullable(bigint()),
  },
  { primary: ['key'] },
);

/** Counts events per key within a window. */
export interface Limiter {
  /** Seconds until the key is free again; null when it is free now. */
  exhausted(key: string): Promise<number | null>;
  /** Counts one event. @returns seconds to wait when it exceeded the limit, else null */
  count(key: string): Promise<number | null>;
  reset(key: string): Promise<void>;
}

/**
 * Counters in the database, so that replicas share them: `points` events in `seconds`, then blocked for `lockSeconds`.
 */
export const makeLimiter = (
  db: Db,
  name: string,
  { points, seconds, lockSeconds = 0 }: { points: number; seconds: number; lockSeconds?: number },
): Limiter => {
  const limiter = new RateLimiterPostgres({
    storeClient: db.pool,
    storeType: 'pool',
    tableName: 'rate_limit',
    tableCreated: true,
    keyPrefix: name,
    points,
    duration: seconds,
    clearExpiredByTimeout: false,
  });
  const secondsToWait = (res: RateLimiterRes): number => Math.max(1, Math.ceil(res.msBeforeNext / 1000));
  return {
    exhausted: async (key) => {
      const res = await limiter.get(key);
      return res && res.consumedPoints >= points ? secondsToWait(res) : null;
    },
    count: async (key) => {
      try {
        const res = await limiter.consume(key);
        if (res.consumedPoints >= points && lockSeconds) await limiter.block(key, lockSeconds);
        return null;
      } catch (err) {
        if (err instanceof RateLimiterRes) return secondsToWait(err);
        throw err;
      }
    },
    reset: async (key) => {
      await limiter.delete(key);
    },
  };
};
/** Deletes counters whose window is over. SQL: by the database's clock. @returns how many */
export const sweepLimits = (db: Db): Promise<number> =>
  run(db, 'delete from rate_limit where expire < extract(epoch from now()) * 1000');
