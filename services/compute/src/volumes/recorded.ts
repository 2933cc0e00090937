import type { RecordedAs } from '../events/recording.js';
import { plainFailure } from '../operations/recorded.js';

// What events say of volumes (contract compute §10.1).

const VOLUME: Omit<RecordedAs, 'type'> = {
  object: 'volume',
  data: `jsonb_build_object('name', name, 'region', region_id, 'status', status, 'size', size_gb,
    'operation', operation_id, 'fault', ${plainFailure('fault')})`,
  staffData: `jsonb_build_object('fault', fault - 'created')`,
};
export const VOLUME_CREATED: RecordedAs = { ...VOLUME, type: `'volume.created'` };
export const VOLUME_STATE: RecordedAs = { ...VOLUME, type: `'volume.state'` };
export const VOLUME_DELETED: RecordedAs = { ...VOLUME, type: `'volume.deleted'` };
