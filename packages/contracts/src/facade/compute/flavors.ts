import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { LARGEST_FLAVOR } from '../../compute/cloud-writes.js';
import { anyQuery, idParams } from '../fields.js';
import { novaBoolean, novaDescription, novaInteger, novaMetadata, novaName, patterned } from './parameter-types.js';

const contract = contractIn('facade-compute');
const user = { access: 'user', source: 'contract compute §12.3' } as const;
const document = z.looseObject({});
const FLAVORS = '/compute/v2.1/flavors';
const text = z.string().max(255);
const { vcpus, megabytes, gigabytes } = LARGEST_FLAVOR;
/** The portal's; Nova's is 65535. */
const LONGEST_DESCRIPTION = 1024;
const keyParams = idParams.extend({ key: text });
/** Values are texts; numbers become such. */
const specs = novaMetadata(z.union([text, z.number()]), 100);

export const listFlavors = contract({
  ...user,
  method: 'get',
  path: FLAVORS,
  status: 200,
  summary: 'Flavors, by name and id',
  query: anyQuery,
  response: document,
});
export const listFlavorsDetail = contract({
  ...user,
  method: 'get',
  path: `${FLAVORS}/detail`,
  status: 200,
  summary: 'Flavors, whole',
  query: anyQuery,
  response: document,
});
export const showFlavor = contract({
  ...user,
  method: 'get',
  path: `${FLAVORS}/:id`,
  status: 200,
  summary: 'One flavor',
  params: idParams,
  response: document,
});
export const createFlavor = contract({
  ...user,
  method: 'post',
  path: FLAVORS,
  status: 200,
  summary: 'Make a flavor (administrators)',
  body: z.strictObject({
    flavor: z.strictObject({
      name: novaName,
      // The bounds are the portal's.
      ram: novaInteger(1, megabytes),
      vcpus: novaInteger(1, vcpus),
      disk: novaInteger(0, gigabytes),
      id: z.union([patterned(1, 255, /^(?! )[a-zA-Z0-9. _-]+(?<! )$/), z.number()]).nullish(),
      swap: novaInteger(0, megabytes).optional(),
      rxtx_factor: z.union([z.number().positive().max(1000), z.string().regex(/^\d{1,3}(\.\d{1,3})?$/)]).optional(),
      'OS-FLV-EXT-DATA:ephemeral': novaInteger(0, gigabytes).optional(),
      'os-flavor-access:is_public': novaBoolean.optional(),
      description: novaDescription(LONGEST_DESCRIPTION).optional(),
    }),
  }),
  response: document,
});
export const updateFlavor = contract({
  ...user,
  method: 'put',
  path: `${FLAVORS}/:id`,
  status: 200,
  summary: 'Change the description of a flavor (administrators)',
  params: idParams,
  body: z.strictObject({ flavor: z.strictObject({ description: novaDescription(LONGEST_DESCRIPTION) }) }),
  response: document,
});
export const deleteFlavor = contract({
  ...user,
  method: 'delete',
  path: `${FLAVORS}/:id`,
  status: 202,
  summary: 'Delete a flavor (administrators)',
  params: idParams,
});
export const listSpecs = contract({
  ...user,
  method: 'get',
  path: `${FLAVORS}/:id/os-extra_specs`,
  status: 200,
  summary: 'Extra specs of a flavor',
  params: idParams,
  response: document,
});
export const addSpecs = contract({
  ...user,
  method: 'post',
  path: `${FLAVORS}/:id/os-extra_specs`,
  status: 200,
  summary: 'Add extra specs (administrators)',
  params: idParams,
  body: z.strictObject({ extra_specs: specs }),
  response: document,
});
export const showSpec = contract({
  ...user,
  method: 'get',
  path: `${FLAVORS}/:id/os-extra_specs/:key`,
  status: 200,
  summary: 'One extra spec',
  params: keyParams,
  response: document,
});
export const setSpec = contract({
  ...user,
  method: 'put',
  path: `${FLAVORS}/:id/os-extra_specs/:key`,
  status: 200,
  summary: 'Set one extra spec (administrators)',
  params: keyParams,
  body: specs,
  response: document,
});
export const removeSpec = contract({
  ...user,
  method: 'delete',
  path: `${FLAVORS}/:id/os-extra_specs/:key`,
  status: 200,
  summary: 'Take one extra spec away (administrators)',
  params: keyParams,
});
export const listFlavorAccess = contract({
  ...user,
  method: 'get',
  path: `${FLAVORS}/:id/os-flavor-access`,
  status: 200,
  summary: 'Projects that may use a flavor which is not public (administrators)',
  params: idParams,
  response: document,
});
const tenant = z.strictObject({ tenant: text.min(1) });
export const changeFlavorAccess = contract({
  ...user,
  method: 'post',
  path: `${FLAVORS}/:id/action`,
  status: 200,
  summary: 'Let a project use a flavor, or no longer (administrators)',
  params: idParams,
  body: z.strictObject({ addTenantAccess: tenant.optional(), removeTenantAccess: tenant.optional() }),
  response: document,
});
