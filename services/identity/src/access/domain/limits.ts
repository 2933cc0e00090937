/** Counts events per key within a window. */
export interface Limiter {
  /** Seconds until the key is free again; null when it is free. */
  exhausted(key: string): Promise<number | null>;
  /** Counts one; seconds to wait when that was one too many, else null. */
  count(key: string): Promise<number | null>;
  reset(key: string): Promise<void>;
}
export interface Limits {
  /** Failed sign-ins per account, whether it exists or not. */
  account: Limiter;
  /** Failed sign-ins per client address. */
  address: Limiter;
  feedback: Limiter;
  catalogs: Limiter;
}
