import type { BlockList } from 'node:net';
import type { Principal } from '@nefos/contracts';
import type { Clock } from './clock.js';
import type { Db } from './db.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';

/** What a service's domain works with; each service adds its configuration and ports. */
export interface Ctx {
  db: Db;
  log: Log;
  clock: Clock;
  metrics: Metrics;
  /** Whose X-Forwarded-For is believed; nobody's when absent. */ proxies?: BlockList;
  /** Answers are checked against their contracts: on in tests. */ checkResponses: boolean;
}
/** The same for one request. */
export type RequestCtx<C extends Ctx = Ctx> = C & {
  requestId: string;
  principal: Principal | null;
  /** What the log has of this request already. */ told: { security: boolean };
};
