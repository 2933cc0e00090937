import type { RecordedAs } from '../events/recording.js';

// What events say of images (contract compute §10.1). One of the cloud itself has no client: only staff hear of it.

const IMAGE: Omit<RecordedAs, 'type'> = {
  object: 'image',
  client: `(select s.client_id from project j join service s on s.id = j.service_id where j.id = changed.project_id)`,
  data: `jsonb_build_object('name', name, 'region', region_id, 'status', status, 'visibility', visibility,
    'type', changed.type, 'size', size, 'fault', case when fault is not null then
      jsonb_build_object('code', fault ->> 'code') end)`,
};
export const IMAGE_CREATED: RecordedAs = { ...IMAGE, type: `'image.created'` };
/** One that is being deleted is there no more. */
export const IMAGE_STATE: RecordedAs = {
  ...IMAGE,
  type: `case when status = 'pending_delete' then 'image.deleted' else 'image.state' end`,
};
