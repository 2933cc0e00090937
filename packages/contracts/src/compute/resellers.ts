import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';
import { MAX_INT } from './params.js';

const contract = contractIn('catalog');

/** What resellers offer (contract compute §8.3); staff only. */
export const resellerResources = z
  .strictObject({
    id: z.int(),
    name: z.string(),
    client: z.strictObject({ id: z.int(), name: z.string() }).describe('the reseller'),
    flavors: z.array(z.uuid()).describe("the reseller's own: only its clients see them"),
    catalogue: z.array(z.uuid()).describe("the provider's flavors that the reseller offers"),
  })
  .meta({ id: 'ResellerResources' });
const idParam = z.object({
  reseller_id: z
    .string()
    .regex(/^[1-9]\d{0,8}$/)
    .transform(Number),
});
const common = { access: 'staff', source: 'contract compute §8.3' } as const;
const fields = {
  name: drf.char({ max: 255 }),
  flavors: drf.list(drf.uuid({}), { required: false, max: 500 }),
  catalogue: drf.list(drf.uuid({}), { required: false, max: 500 }),
};
export const listResellerResources = contract({
  ...common,
  method: 'get',
  path: '/staffapi/openstack/resellerresources',
  status: 200,
  summary: 'List what resellers offer',
  description: "Lists the resellers' sets of flavors, with paging, ordering, search and filtering.",
  query: listQuery,
  response: listOf(resellerResources),
});
export const getResellerResources = contract({
  ...common,
  method: 'get',
  path: '/staffapi/openstack/resellerresources/:reseller_id',
  status: 200,
  summary: 'What one reseller offers',
  description: 'Answers the set of flavors of one reseller.',
  params: idParam,
  response: resellerResources,
});
export const createResellerResources = contract({
  ...common,
  method: 'post',
  path: '/staffapi/openstack/resellerresources',
  status: 201,
  summary: 'Make a client a reseller',
  description:
    'Gives a client its set of flavors: `flavors` become its own, which only its clients see; `catalogue` names ' +
    "flavors of the provider that it offers. 400 for a client that has a set, and for a flavor of another's set.",
  body: drf.dict({ client: drf.integer({ min: 1, max: MAX_INT }), ...fields }),
  response: resellerResources,
});
export const patchResellerResources = contract({
  ...common,
  method: 'patch',
  path: '/staffapi/openstack/resellerresources/:reseller_id',
  status: 200,
  summary: 'Change what a reseller offers',
  description:
    "Changes a reseller's set; lists that are given replace those that are there. A flavor that is left out of " +
    '`flavors` is of the provider again.',
  params: idParam,
  body: drf.partial(fields),
  response: resellerResources,
});
export const deleteResellerResources = contract({
  ...common,
  method: 'delete',
  path: '/staffapi/openstack/resellerresources/:reseller_id',
  status: 204,
  refusals: [409],
  summary: 'Make a client no reseller',
  description: 'Deletes the set of a reseller. 409 while flavors belong to it.',
  params: idParam,
});
