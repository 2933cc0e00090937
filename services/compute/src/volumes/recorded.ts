import type { RecordedAs } from '../events/recording.js';
import { plainFailure } from '../operations/recorded.js';

// What events say of volumes and their copies (contract compute §10.1).

type Storage = 'volume' | 'volumesnapshot' | 'volumebackup';
export type Happened = 'created' | 'state' | 'deleted';
/** The event of a row of these tables. */
export const storageEvent = (object: Storage, happened: Happened): RecordedAs => ({
  type: `'${object}.${happened}'`,
  object,
  data: `jsonb_build_object('name', name, 'region', region_id, 'status', status, 'size', size_gb,
    ${object === 'volume' ? '' : `'volume', volume_id, `}'operation', operation_id, 'fault', ${plainFailure('fault')})`,
  staffData: `jsonb_build_object('fault', fault - 'created')`,
});
