import { z } from 'zod';
import { boundedArray } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { idParams } from '../fields.js';

const contract = contractIn('facade-compute');
const source = 'contract compute §12.3';
const PATH = '/compute/v2.1/servers/:id/tags';
const ONE = `${PATH}/:tag`;
const tagParams = idParams.extend({ tag: z.string().max(255) });
/** A tag, as Nova takes them: neither comma nor slash. */
export const serverTag = z
  .string()
  .min(1)
  .max(60)
  .regex(/^[^,/]*$/);
export const MAX_SERVER_TAGS = 50;
const tags = z.object({ tags: z.array(z.string()) });
const of = { access: 'user', source, description: 'From microversion 2.26 on.' } as const;

export const listServerTags = contract({
  ...of,
  method: 'get',
  path: PATH,
  status: 200,
  summary: 'The tags of a server',
  params: idParams,
  response: tags,
});
export const replaceServerTags = contract({
  ...of,
  method: 'put',
  path: PATH,
  status: 200,
  summary: 'Replace the tags of a server',
  params: idParams,
  body: z.strictObject({ tags: boundedArray(serverTag, MAX_SERVER_TAGS) }),
  response: tags,
});
export const clearServerTags = contract({
  ...of,
  method: 'delete',
  path: PATH,
  status: 204,
  summary: 'Take all tags from a server',
  params: idParams,
});
export const showServerTag = contract({
  ...of,
  method: 'get',
  path: ONE,
  status: 204,
  summary: 'Whether a server has a tag',
  params: tagParams,
});
export const addServerTag = contract({
  ...of,
  method: 'put',
  path: ONE,
  status: 201,
  answers: [204],
  summary: 'Give a server a tag',
  params: tagParams,
});
export const removeServerTag = contract({
  ...of,
  method: 'delete',
  path: ONE,
  status: 204,
  summary: 'Take a tag from a server',
  params: tagParams,
});
