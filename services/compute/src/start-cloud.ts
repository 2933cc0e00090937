import type { MeteringEvent } from '@nefos/contracts';
import { startRelay, type Relay } from '@nefos/service-kit';
import type { ComputeCtx } from './ctx.js';
import { meteringOverHttp, type MeteringPort } from './ports/metering.js';

/**
 * Delivers the outbox's events to metering: at least once, in order. An event that metering refuses stays in the outbox
 * with the reason.
 */
export const startMeteringRelay = ({ db, config, log, metrics }: ComputeCtx, metering: MeteringPort): Promise<Relay> =>
  startRelay({
    db,
    url: config.NEFOS_COMPUTE_DATABASE_URL,
    log,
    metrics,
    deliver: async (events) =>
      (await metering.send(events as readonly MeteringEvent[])).map(({ id, status, reason }) => ({
        id,
        accepted: status !== 'refused',
        ...(reason !== undefined && { reason }),
      })),
  });

/** Starts what a worker process runs beside jobs and reconcilers. */
export const startCloud = async (ctx: ComputeCtx): Promise<{ stop: () => Promise<void> }> => {
  const metering = meteringOverHttp(ctx.config.NEFOS_METERING_URL, ctx.config.NEFOS_COMPUTE_TOKEN, ctx.log);
  const relay = await startMeteringRelay(ctx, metering);
  return {
    stop: async () => {
      await relay.stop();
      metering.stop();
    },
  };
};
