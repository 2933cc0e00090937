import { bmcSweeps } from './bmc/jobs/sweeps.js';
import type { IntrospectionCtx } from './ctx.js';

interface Sweep {
  name: string;
  everySeconds: number;
  work: (ctx: IntrospectionCtx) => Promise<unknown>;
}
/** The sweeps, which run on a timer. */
export const reconcilers: readonly Sweep[] = [...bmcSweeps];
