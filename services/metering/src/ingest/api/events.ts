import { ingestEvents } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { MeteringCtx } from '../../ctx.js';
import { takeEvents } from '../domain/ingest.js';

const endpoint = endpointFor<MeteringCtx>();

export const eventEndpoints = [
  endpoint(ingestEvents, async (ctx, { body }) => ({ results: await takeEvents(ctx, body.events) })),
];
