import type { ComputeCtx } from '../../ctx.js';
import { localSeconds } from '../../local-time.js';
import type { Moment } from '../store/traffic.js';

/** `YYYY-MM-DD` of an instant. */
export const dayOf = (at: Date, zone: string): string =>
  localSeconds(at.toISOString().replace('T', ' ').replace('Z', '+00'), zone).slice(0, 10);
/** Now, as traffic is counted: by day and month of the server's time zone. */
export const momentOf = ({ clock, config }: Pick<ComputeCtx, 'clock' | 'config'>): Moment & { day: string } => {
  const now = clock.now();
  const zone = config.NEFOS_COMPUTE_TIME_ZONE;
  const day = dayOf(now, zone);
  return { now, zone, day, month: day.slice(0, 7) };
};
