import { bmcSweeps } from './bmc/jobs/sweeps.js';
import type { IntrospectionConfig } from './config.js';
import type { IntrospectionCtx } from './ctx.js';
import { provisioningSweeps } from './provisioning/jobs/sweeps.js';
import { reportSweeps } from './reports/jobs/sweeps.js';
import { runSweeps } from './runs/jobs/sweeps.js';

interface Sweep {
  name: string;
  /** A number, or one of the configuration; 0: never. */
  everySeconds: number | ((config: IntrospectionConfig) => number);
  work: (ctx: IntrospectionCtx) => Promise<unknown>;
}
/** The sweeps, which run on a timer. */
export const reconcilers: readonly Sweep[] = [...bmcSweeps, ...runSweeps, ...reportSweeps, ...provisioningSweeps];
/** Those that run with this configuration. */
export const sweepsOf = (config: IntrospectionConfig): (Sweep & { everySeconds: number })[] =>
  reconcilers
    .map((one) => ({
      ...one,
      everySeconds: typeof one.everySeconds === 'number' ? one.everySeconds : one.everySeconds(config),
    }))
    .filter(({ everySeconds }) => everySeconds > 0);
