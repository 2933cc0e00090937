import { run, type Db } from '@nefos/service-kit';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts events per key within a window. */
export interface Limiter {
  /** Seconds until the key is free again; null when it is free. */
  exhausted(key: string): Promise<number | null>;
  /** Counts one; seconds to wait when that was one too many, else null. */
  count(key: string): Promise<number | null>;
  reset(key: string): Promise<void>;
}

/** A counter per key in the database, so that replicas share it. */
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
  const wait = (res: RateLimiterRes): number => Math.max(1, Math.ceil(res.msBeforeNext / 1000));
  return {
    exhausted: async (key) => {
      const res = await limiter.get(key);
      return res && res.consumedPoints >= points ? wait(res) : null;
    },
    count: async (key) => {
      try {
        const res = await limiter.consume(key);
        if (res.consumedPoints >= points && lockSeconds) await limiter.block(key, lockSeconds);
        return null;
      } catch (err) {
        if (err instanceof RateLimiterRes) return wait(err);
        throw err;
      }
    },
    reset: async (key) => {
      await limiter.delete(key);
    },
  };
};
/** Removes counters whose window is over; `expire` is in milliseconds. */
export const sweepLimits = (db: Db): Promise<number> =>
  run(db, 'delete from rate_limit where expire < extract(epoch from now()) * 1000');
