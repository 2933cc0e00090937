import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { judgeAgain } from '../../authenticate.js';
import { callerOf } from '../../access/domain/caller.js';
import type { ComputeCtx } from '../../ctx.js';
import { lastOf } from '../../lists/list-query.js';
import { hearsStill, heardClients, wantedSeconds, wantedTypes } from '../domain/scope.js';
import { sendHeadersOnly, sinkOf } from './sink.js';

const endpoint = endpointFor<ComputeCtx>();

const forRoot = (contract: typeof compute.staffEvents | typeof compute.userEvents): Endpoint<ComputeCtx> =>
  endpoint(contract, async (ctx, { req, res, query }) => {
    const caller = callerOf(ctx);
    const named = (caller.staff ? undefined : req.get('x-client-id')) ?? lastOf(query.client);
    const clientIds = heardClients(caller, named);
    const types = wantedTypes(lastOf(query.type));
    const seconds = wantedSeconds(lastOf(query.seconds));
    if (req.method === 'HEAD') return sendHeadersOnly(res);
    await ctx.streams.open({
      uuid: caller.uuid,
      staff: caller.staff,
      zone: ctx.config.NEFOS_COMPUTE_TIME_ZONE,
      clientIds,
      types,
      after: req.get('last-event-id') ?? lastOf(query.last_event_id),
      seconds,
      confirm: async () => {
        const now = await judgeAgain(ctx, req, contract);
        return now !== undefined && hearsStill(now, caller, named);
      },
      sink: sinkOf(res),
    });
  });
export const eventEndpoints: Endpoint<ComputeCtx>[] = [forRoot(compute.staffEvents), forRoot(compute.userEvents)];
