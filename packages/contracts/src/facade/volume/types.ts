import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { boundedRecord } from '../../bounded.js';
import { anyQuery, idParams } from '../fields.js';
import { document, flag, idText, itemParams, line, listing, user, V } from './fields.js';

const contract = contractIn('facade-volume');
const type = z.object({ volume_type: document });
const specs = boundedRecord(z.string().max(255), 128);

export const listTypes = contract({
  ...user,
  method: 'get',
  path: `${V}/types`,
  status: 200,
  summary: 'Volume types',
  query: anyQuery,
  response: listing('volume_types'),
});
export const showDefaultType = contract({
  ...user,
  method: 'get',
  path: `${V}/types/default`,
  status: 200,
  summary: 'The default volume type: none has a name',
  response: type,
});
export const showType = contract({
  ...user,
  method: 'get',
  path: `${V}/types/:id`,
  status: 200,
  summary: 'One volume type',
  params: idParams,
  response: type,
});
export const createType = contract({
  ...user,
  method: 'post',
  path: `${V}/types`,
  status: 200,
  summary: 'Create a volume type (administrators)',
  body: z.strictObject({
    volume_type: z.strictObject({
      name: z.string().trim().min(1).max(255),
      description: line,
      extra_specs: specs.nullable().optional(),
      'os-volume-type-access:is_public': flag.optional(),
    }),
  }),
  response: type,
});
export const updateType = contract({
  ...user,
  method: 'put',
  path: `${V}/types/:id`,
  status: 200,
  summary: 'Change a volume type (administrators)',
  params: idParams,
  body: z.strictObject({
    volume_type: z.strictObject({
      name: z.string().trim().min(1).max(255).nullable().optional(),
      description: line,
      is_public: flag.optional(),
    }),
  }),
  response: type,
});
export const deleteType = contract({
  ...user,
  method: 'delete',
  path: `${V}/types/:id`,
  status: 202,
  summary: 'Delete a volume type (administrators)',
  params: idParams,
});
export const actOnType = contract({
  ...user,
  method: 'post',
  path: `${V}/types/:id/action`,
  status: 202,
  summary: 'Give a type to a project (refused: a type is for everybody, or for staff)',
  params: idParams,
  body: z.strictObject({
    addProjectAccess: z.strictObject({ project: idText.min(1) }).optional(),
    removeProjectAccess: z.strictObject({ project: idText.min(1) }).optional(),
  }),
});
export const listTypeAccess = contract({
  ...user,
  method: 'get',
  path: `${V}/types/:id/os-volume-type-access`,
  status: 200,
  summary: 'Projects to which a type was given',
  params: idParams,
  response: listing('volume_type_access'),
});
export const showTypeEncryption = contract({
  ...user,
  method: 'get',
  path: `${V}/types/:id/encryption`,
  status: 200,
  summary: 'How a type encrypts: not at all',
  params: idParams,
  response: document,
});
export const listExtraSpecs = contract({
  ...user,
  method: 'get',
  path: `${V}/types/:id/extra_specs`,
  status: 200,
  summary: 'Extra specs of a type',
  params: idParams,
  response: z.object({ extra_specs: specs }),
});
export const addExtraSpecs = contract({
  ...user,
  method: 'post',
  path: `${V}/types/:id/extra_specs`,
  status: 200,
  summary: 'Set extra specs of a type (administrators)',
  params: idParams,
  body: z.strictObject({ extra_specs: specs }),
  response: z.object({ extra_specs: specs }),
});
export const showExtraSpec = contract({
  ...user,
  method: 'get',
  path: `${V}/types/:id/extra_specs/:key`,
  status: 200,
  summary: 'One extra spec of a type',
  params: itemParams,
  response: document,
});
export const setExtraSpec = contract({
  ...user,
  method: 'put',
  path: `${V}/types/:id/extra_specs/:key`,
  status: 200,
  summary: 'Set one extra spec of a type (administrators)',
  params: itemParams,
  body: specs,
  response: document,
});
export const deleteExtraSpec = contract({
  ...user,
  method: 'delete',
  path: `${V}/types/:id/extra_specs/:key`,
  status: 202,
  summary: 'Remove one extra spec of a type (administrators)',
  params: itemParams,
});
