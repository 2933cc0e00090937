import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';
import { document, listing, user, uuid, V } from './fields.js';

const contract = contractIn('facade-volume');
const attachment = z.object({ attachment: document });

export const listAttachments = contract({
  ...user,
  method: 'get',
  path: `${V}/attachments`,
  status: 200,
  summary: 'Attachments, in short (3.27)',
  query: anyQuery,
  response: listing('attachments'),
});
export const detailAttachments = contract({
  ...user,
  method: 'get',
  path: `${V}/attachments/detail`,
  status: 200,
  summary: 'Attachments (3.27)',
  query: anyQuery,
  response: listing('attachments'),
});
export const showAttachment = contract({
  ...user,
  method: 'get',
  path: `${V}/attachments/:id`,
  status: 200,
  summary: 'One attachment (3.27)',
  params: idParams,
  response: attachment,
});
export const createAttachment = contract({
  ...user,
  method: 'post',
  path: `${V}/attachments`,
  status: 200,
  summary: 'Attach a volume to a server (3.27)',
  body: z.strictObject({
    attachment: z.strictObject({
      volume_uuid: uuid,
      instance_uuid: uuid.optional(),
      connector: document.nullable().optional(),
      mode: z.enum(['rw', 'ro']).nullable().optional(),
    }),
  }),
  response: attachment,
});
export const updateAttachment = contract({
  ...user,
  method: 'put',
  path: `${V}/attachments/:id`,
  status: 200,
  summary: 'Tell the connector of an attachment (refused: the hypervisor has its own; 3.27)',
  params: idParams,
  body: z.strictObject({ attachment: z.strictObject({ connector: document }) }),
  response: attachment,
});
export const deleteAttachment = contract({
  ...user,
  method: 'delete',
  path: `${V}/attachments/:id`,
  status: 200,
  summary: 'Detach a volume from its server (3.27)',
  params: idParams,
  response: listing('attachments'),
});
export const completeAttachment = contract({
  ...user,
  method: 'post',
  path: `${V}/attachments/:id/action`,
  status: 204,
  summary: 'Say that an attachment is complete (3.44)',
  params: idParams,
  // openstacksdk sends the attachment's id.
  body: z.strictObject({ 'os-complete': z.union([document, z.string().max(255)]).nullable() }),
});
