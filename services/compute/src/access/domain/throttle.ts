import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';

/** Counts failures per key over a minute, in this process. */
export interface Throttle {
  /** Seconds until the key may try again; 0: now. */
  blocked(key: string): Promise<number>;
  /** Counts one failure. @returns seconds until the key may try again; 0: there is room */
  failed(key: string): Promise<number>;
}
export const createThrottle = (perMinute: number): Throttle => {
  const limiter = new RateLimiterMemory({ points: perMinute, duration: 60 });
  const seconds = (state: RateLimiterRes): number => Math.max(1, Math.ceil(state.msBeforeNext / 1000));
  return {
    blocked: async (key) => {
      const state = await limiter.get(key);
      return state && state.consumedPoints > perMinute ? seconds(state) : 0;
    },
    failed: async (key) => {
      try {
        await limiter.consume(key);
        return 0;
      } catch (err) {
        if (err instanceof RateLimiterRes) return seconds(err);
        throw err;
      }
    },
  };
};
