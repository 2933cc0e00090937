import type { Viewer } from '../../access/api/viewer.js';
import { localTime } from '../../local-time.js';
import type { OperationRow } from '../domain/operations.js';

/** What may be told to end users of a fault; the rest could name hosts. */
export const PLAIN_FAULTS = new Set(['no_capacity', 'quota', 'timeout', 'canceled']);

/** Who of the staff did something is not told to end users. */
export const operationView = (o: OperationRow, { staff, userId, zone }: Viewer) => ({
  id: o.id,
  type: o.type,
  status: o.status,
  progress:
    o.status === 'completed'
      ? 100
      : Math.floor((100 * o.steps.filter((one) => one.status === 'completed').length) / Math.max(1, o.steps.length)),
  steps: o.steps,
  primary_object: { type: 'instance' as const, id: o.instance_id },
  created_by:
    o.created_by_id === null || !(staff || o.created_by_id === userId)
      ? null
      : { id: o.created_by_id, username: o.created_by_name ?? '' },
  created_at: localTime(o.created_at, zone),
  completed_at: o.completed_at && localTime(o.completed_at, zone),
  params: o.params,
  error: o.error && {
    code: o.error.code,
    message: staff || PLAIN_FAULTS.has(o.error.code) ? o.error.message : 'The operation failed.',
  },
  attempts: o.attempts,
  viewed: o.viewed,
  cancellable: o.status === 'pending' && o.attempts === 0,
});
