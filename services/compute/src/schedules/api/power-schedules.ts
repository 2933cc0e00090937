import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { actingOf } from '../../access/api/acting.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { envelope } from '../../lists/api/envelope.js';
import {
  changeSchedule,
  createSchedule,
  getSchedule,
  listSchedules,
  removeSchedule,
} from '../domain/power-schedules.js';
import { scheduleView } from './power-schedules.view.js';

const endpoint = endpointFor<ComputeCtx>();
const zoneOf = (ctx: ComputeRequest): string => ctx.config.NEFOS_COMPUTE_TIME_ZONE;

const forRoot = (
  at: typeof compute.staffPowerSchedules | typeof compute.userPowerSchedules,
): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) => {
    const page = await listSchedules(ctx, query, actingOf(req));
    return envelope(ctx, req, page, (row) => scheduleView(row, zoneOf(ctx)));
  }),
  endpoint(at.create, async (ctx, { body }) => scheduleView(await createSchedule(ctx, body), zoneOf(ctx))),
  endpoint(at.get, async (ctx, { params }) => scheduleView(await getSchedule(ctx, params.id), zoneOf(ctx))),
  endpoint(at.patch, async (ctx, { params, body }) =>
    scheduleView(await changeSchedule(ctx, params.id, body), zoneOf(ctx)),
  ),
  endpoint(at.remove, (ctx, { params }) => removeSchedule(ctx, params.id)),
];
export const scheduleEndpoints: Endpoint<ComputeCtx>[] = [
  ...forRoot(compute.staffPowerSchedules),
  ...forRoot(compute.userPowerSchedules),
];
