import type { BlockList } from 'node:net';
import type { Principal } from '@nefos/contracts';
import type { Clock } from './clock.js';
import type { Db } from './database-types.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/** What the domain code of a service works with; each service adds its configuration and ports. */
export interface Ctx {
  db: Db;
  log: Log;
  clock: Clock;
  metrics: Metrics;
  /** Whose X-Forwarded-For is believed; nobody's when absent. */
  proxies?: BlockList;
  /** Answers are checked against their contracts: on in tests. */
  checkResponses: boolean;
}
/** The same for one request. */
export type RequestCtx<C extends Ctx = Ctx> = C & {
  requestId: string;
  principal: Principal | null;
  /** What is logged of this request already. */
  logged: { security: boolean };
};
