import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { idParams } from '../fields.js';

const contract = contractIn('facade-compute');

export const openRemoteConsole = contract({
  method: 'post',
  path: '/compute/v2.1/servers/:id/remote-consoles',
  access: 'user',
  status: 200,
  summary: 'Where the console of a server is shown',
  description: 'From microversion 2.6 on: `vnc` as `novnc`, and `serial`. Whoever has the address has the console.',
  source: 'contract compute §12.3',
  params: idParams,
  body: z.strictObject({
    remote_console: z.strictObject({
      protocol: z.enum(['vnc', 'spice', 'rdp', 'serial', 'mks']),
      type: z.enum(['novnc', 'xvpvnc', 'rdp-html5', 'spice-html5', 'serial', 'webmks']),
    }),
  }),
  response: z.object({ remote_console: z.object({ protocol: z.string(), type: z.string(), url: z.string() }) }),
});
