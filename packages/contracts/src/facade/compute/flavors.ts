import { z } from 'zod';
import { boundedRecord } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { LARGEST_FLAVOR } from '../../compute/cloud-writes.js';
import { anyQuery, idParams, truth } from '../fields.js';

const contract = contractIn('facade-compute');
const user = { access: 'user', source: 'contract compute §12.3' } as const;
const document = z.looseObject({});
const FLAVORS = '/compute/v2.1/flavors';
const text = z.string().max(255);
/** Numbers may come as text, as Nova takes them. The bounds are the portal's. */
const number = (least: number, most: number) =>
  z.union([
    z.int().min(least).max(most),
    z
      .string()
      .regex(least ? /^[1-9]\d{0,9}$/ : /^\d{1,9}$/)
      .refine((sent) => Number(sent) <= most),
  ]);
const { vcpus, megabytes, gigabytes } = LARGEST_FLAVOR;
const keyParams = idParams.extend({ key: text });
/** Values are texts; numbers become such. */
const specs = boundedRecord(z.union([text, z.number()]), 100);

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
      name: z.string().max(255).regex(/\S/),
      ram: number(1, megabytes),
      vcpus: number(1, vcpus),
      disk: number(0, gigabytes),
      id: z.union([text, z.int()]).nullish(),
      swap: z.union([number(0, megabytes), z.literal('')]).optional(),
      rxtx_factor: z.union([z.number().positive().max(1000), z.string().regex(/^\d{1,3}(\.\d{1,3})?$/)]).optional(),
      'OS-FLV-EXT-DATA:ephemeral': number(0, gigabytes).optional(),
      'os-flavor-access:is_public': truth.optional(),
      description: z.string().max(255).nullish(),
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
  body: z.strictObject({ flavor: z.strictObject({ description: z.string().max(255).nullable() }) }),
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
const tenant = z.strictObject({ tenant: text });
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
