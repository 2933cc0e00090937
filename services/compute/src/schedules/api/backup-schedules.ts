import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { actingOf } from '../../access/api/acting.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { envelope } from '../../lists/api/envelope.js';
import {
  changeBackupSchedule,
  createBackupSchedule,
  getBackupSchedule,
  listBackupSchedules,
  removeBackupSchedule,
} from '../domain/backup-schedules.js';
import { backupScheduleView } from './backup-schedules.view.js';

const endpoint = endpointFor<ComputeCtx>();
const zoneOf = (ctx: ComputeRequest): string => ctx.config.NEFOS_COMPUTE_TIME_ZONE;

const forRoot = (
  at: typeof compute.staffBackupSchedules | typeof compute.userBackupSchedules,
): Endpoint<ComputeCtx>[] => [
  endpoint(at.list, async (ctx, { req, query }) => {
    const page = await listBackupSchedules(ctx, query, actingOf(req));
    return envelope(ctx, req, page, (row) => backupScheduleView(row, zoneOf(ctx)));
  }),
  endpoint(at.create, async (ctx, { body: b }) =>
    backupScheduleView(
      await createBackupSchedule(ctx, {
        instance: b.instance,
        type: b.type,
        runAt: b.run_at,
        dayOfWeek: b.day_of_week,
        dayOfMonth: b.day_of_month,
        rotation: b.rotation,
        namePrefix: b.name_prefix,
        timezone: b.timezone,
        enabled: b.enabled,
      }),
      zoneOf(ctx),
    ),
  ),
  endpoint(at.get, async (ctx, { params }) => backupScheduleView(await getBackupSchedule(ctx, params.id), zoneOf(ctx))),
  endpoint(at.patch, async (ctx, { params, body: b }) =>
    backupScheduleView(
      await changeBackupSchedule(ctx, params.id, {
        type: b.type,
        runAt: b.run_at,
        dayOfWeek: b.day_of_week,
        dayOfMonth: b.day_of_month,
        rotation: b.rotation,
        namePrefix: b.name_prefix,
        timezone: b.timezone,
        enabled: b.enabled,
      }),
      zoneOf(ctx),
    ),
  ),
  endpoint(at.remove, (ctx, { params }) => removeBackupSchedule(ctx, params.id)),
];
export const backupScheduleEndpoints: Endpoint<ComputeCtx>[] = [
  ...forRoot(compute.staffBackupSchedules),
  ...forRoot(compute.userBackupSchedules),
];
