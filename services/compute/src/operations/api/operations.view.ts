import type { Viewer } from '../../access/api/viewer.js';
import { localTime } from '../../local-time.js';
import type { ShownOperation } from '../domain/operations.js';

/** Faults whose message end users may read; others could name hosts. */
export const PLAIN_FAULTS = new Set(['no_capacity', 'quota', 'timeout', 'canceled']);

/** End users do not see hosts and other clients. */
const paramsView = (params: ShownOperation['params'], staff: boolean): ShownOperation['params'] => {
  if (staff) return params;
  const { host: _host, client: _client, former_client: _former, backend_id: _backendId, ...shown } = params;
  return shown;
};
/** End users do not see which member of staff did something. */
export const operationView = (o: ShownOperation, { staff, userId, zone }: Viewer) => ({
  id: o.id,
  type: o.type,
  status: o.status,
  progress:
    o.status === 'completed'
      ? 100
      : Math.floor((100 * o.steps.filter((one) => one.status === 'completed').length) / Math.max(1, o.steps.length)),
  steps: o.steps,
  primary_object: { type: o.objectType, id: o.objectId ?? o.instanceId },
  created_by:
    o.createdById === null || !(staff || o.createdById === userId)
      ? null
      : { id: o.createdById, username: o.createdByName ?? '' },
  created_at: localTime(o.createdAt, zone),
  completed_at: o.completedAt && localTime(o.completedAt, zone),
  params: paramsView(o.params, staff),
  error: o.error && {
    code: o.error.code,
    message: staff || PLAIN_FAULTS.has(o.error.code) ? o.error.message : 'The operation failed.',
  },
  attempts: o.attempts,
  viewed: o.viewed,
  cancellable: o.status === 'pending' && o.attempts === 0 && o.objectType === 'instance',
});
