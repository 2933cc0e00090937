import type { ComputeCtx } from '../../ctx.js';
import { planImage } from '../../instances/domain/snapshots.js';
import { acceptAction } from '../../operations/domain/accept.js';
import { demandSupported } from '../../operations/domain/faults.js';
import { refuseHeld } from '../../operations/domain/holds.js';
import { BACKUP_SCHEDULES } from '../store/backup-schedules.js';
import type { BackupSchedule } from '../tables.js';
import { nextBackup } from './backup-times.js';
import { sweepDue, type ScheduleRunner } from './due.js';

const LONGEST = 255;
/** `nightly 2026-01-15 03:00`, in the schedule's zone. */
const nameOf = ({ namePrefix, timezone }: BackupSchedule, at: Date): string => {
  const time = new Intl.DateTimeFormat('sv-SE', { timeZone: timezone, dateStyle: 'short', timeStyle: 'short' });
  return `${namePrefix.slice(0, LONGEST - 17)} ${time.format(at)}`;
};
/** Makes a backup as the portal itself does; neither it nor one that a user asks for is stopped by a lock. */
const runner: ScheduleRunner<BackupSchedule> = {
  kind: BACKUP_SCHEDULES,
  next: nextBackup,
  ask: async (ctx, tx, due) => {
    const { instanceId, clientId, regionId } = due;
    demandSupported(ctx, regionId, 'snapshot', 'create_backup');
    await refuseHeld(tx, { clientId, instanceId }, { staff: false, wakes: false });
    const backup = { type: due.type, rotation: due.rotation, schedule: due.id };
    // Checks first: what is refused has written nothing.
    const { imageId, params, write } = await planImage(tx, instanceId, {
      name: nameOf(due, new Date(due.nextRunAt)),
      backup,
    });
    const operation = await acceptAction(tx, {
      instanceId,
      action: 'backup',
      by: null,
      requestId: null,
      bypassLock: true,
      params,
    });
    await write();
    return { operation, image: imageId };
  },
};
/** Makes the backups that are due. */
export const sweepBackups = (ctx: ComputeCtx): Promise<Record<string, number>> => sweepDue(runner, ctx);
