import type { Limiter } from '../store/limits.js';

export interface Limits {
  /** Failed sign-ins per account, whether it exists or not. */
  account: Limiter;
  /** Failed sign-ins per client address. */
  address: Limiter;
  feedback: Limiter;
  catalogs: Limiter;
}
