import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';

const contract = contractIn('facade-compute');
const source = 'contract compute §12.3';
const PATH = '/compute/v2.1/servers/:id/os-volume_attachments';
const ONE = `${PATH}/:volume`;
const volumeParams = idParams.extend({ volume: z.string().max(255) });
const attachment = z.looseObject({ serverId: z.string(), volumeId: z.string(), device: z.string().nullable() });
const shown = z.object({ volumeAttachment: attachment });

export const listServerVolumes = contract({
  method: 'get',
  path: PATH,
  access: 'user',
  status: 200,
  summary: 'The volumes of a server',
  source,
  params: idParams,
  query: anyQuery,
  response: z.object({ volumeAttachments: z.array(attachment) }),
});
export const showServerVolume = contract({
  method: 'get',
  path: ONE,
  access: 'user',
  status: 200,
  summary: 'One volume of a server',
  source,
  params: volumeParams,
  response: shown,
});
export const attachServerVolume = contract({
  method: 'post',
  path: PATH,
  access: 'user',
  status: 200,
  summary: 'Attach a volume',
  description: 'The volume is attached by a job. `delete_on_termination` from microversion 2.79 on.',
  source,
  params: idParams,
  body: z.strictObject({
    volumeAttachment: z.strictObject({
      volumeId: z.uuid(),
      device: z.string().max(255).nullable().optional(),
      tag: z.string().max(60).optional(),
      delete_on_termination: z.boolean().optional(),
    }),
  }),
  response: shown,
});
export const changeServerVolume = contract({
  method: 'put',
  path: ONE,
  access: 'user',
  status: 202,
  summary: 'Say whether a volume goes with its server',
  description: 'From microversion 2.85 on. Another volume in its place: 501.',
  source,
  params: volumeParams,
  body: z.strictObject({
    volumeAttachment: z.strictObject({
      volumeId: z.uuid(),
      id: z.string().max(255).optional(),
      serverId: z.string().max(255).optional(),
      device: z.string().max(255).nullable().optional(),
      tag: z.string().max(60).nullable().optional(),
      delete_on_termination: z.boolean().optional(),
    }),
  }),
});
export const detachServerVolume = contract({
  method: 'delete',
  path: ONE,
  access: 'user',
  status: 202,
  summary: 'Detach a volume',
  source,
  params: volumeParams,
});
