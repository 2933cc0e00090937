import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';

const contract = contractIn('clients');

const groupParam = z.object({
  group_id: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .transform(Number),
});
const groupFields = {
  name: drf.char({ max: 128 }),
  description: drf.char({ required: false, blank: true, max: 1024, default: '' }),
  is_default: drf.boolean({ required: false, default: false }),
};
export const clientGroup = z
  .strictObject({ id: z.int(), name: z.string(), description: z.string(), is_default: z.boolean() })
  .meta({ id: 'ClientGroup' });
const group = { access: 'staff', source: 'contract compute §4.3' } as const;
export const listClientGroups = contract({
  ...group,
  method: 'get',
  path: '/staffapi/clientgroups',
  status: 200,
  summary: 'List client groups',
  description: 'Lists groups of clients, with paging, ordering, search and filtering.',
  query: listQuery,
  response: listOf(clientGroup),
});
export const createClientGroup = contract({
  ...group,
  method: 'post',
  path: '/staffapi/clientgroups',
  status: 201,
  summary: 'Create a client group',
  description: 'Creates a group of clients and answers it.',
  body: drf.dict(groupFields),
  response: clientGroup,
});
export const getClientGroup = contract({
  ...group,
  method: 'get',
  path: '/staffapi/clientgroups/:group_id',
  status: 200,
  summary: 'A client group',
  description: 'Answers one group of clients.',
  params: groupParam,
  response: clientGroup,
});
export const putClientGroup = contract({
  ...group,
  method: 'put',
  path: '/staffapi/clientgroups/:group_id',
  status: 200,
  summary: 'Replace a client group',
  description: 'Replaces a group of clients. Optional fields that are absent get their defaults.',
  params: groupParam,
  body: drf.dict(groupFields),
  response: clientGroup,
});
export const patchClientGroup = contract({
  ...group,
  method: 'patch',
  path: '/staffapi/clientgroups/:group_id',
  status: 200,
  summary: 'Change a client group',
  description: 'Changes the fields that are sent and leaves the others.',
  params: groupParam,
  body: drf.partial(groupFields),
  response: clientGroup,
});
export const deleteClientGroup = contract({
  ...group,
  method: 'delete',
  path: '/staffapi/clientgroups/:group_id',
  status: 204,
  summary: 'Delete a client group',
  description: 'Deletes a group. Its clients stay.',
  params: groupParam,
});
