import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';
import { idParam, one, optional } from './params.js';

const contract = contractIn('volumes');

/** Kinds of volumes that regions offer (contract compute §8.1). */
export const volumeType = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    is_public: z.boolean(),
    region: z.string(),
    /** The hypervisor's own name of it; staff see it. */
    backend_name: z.string().nullable().optional(),
  })
  .meta({ id: 'VolumeType' });

const typesOf = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
) => {
  const common = { access, source: 'contract compute §8.1' } as const;
  const at = `/${root}/openstack/volumetypes` as const;
  return {
    list: contract({
      ...common,
      method: 'get',
      path: at,
      status: 200,
      summary: 'List volume types',
      description: 'Lists the kinds of volumes that regions offer; end users see the public ones.',
      query: listQuery.safeExtend({ region: one, is_public: one }),
      response: listOf(volumeType),
    }),
    get: contract({
      ...common,
      method: 'get',
      path: `${at}/:id`,
      status: 200,
      summary: 'One volume type',
      description: 'Answers one kind of volumes.',
      params: idParam,
      response: volumeType,
    }),
  };
};
const typeFields = {
  name: drf.char({ max: 255 }),
  description: drf.char({ required: false, blank: true, max: 1024, default: '' }),
  is_public: drf.boolean({ required: false, default: true }),
  backend_name: drf.char({ max: 255, ...optional }),
};
const typeCommon = { access: 'staff', source: 'contract compute §8.1' } as const;

export const userVolumeTypes = typesOf('api', 'enduser');
export const staffVolumeTypes = {
  ...typesOf('staffapi', 'staff'),
  create: contract({
    ...typeCommon,
    method: 'post',
    path: '/staffapi/openstack/volumetypes',
    status: 201,
    summary: 'Create a volume type',
    description:
      'Offers a kind of volumes in a region. `backend_name` is what the hypervisor calls it; absent, the same. One ' +
      'that is not public is given by staff only.',
    body: drf.dict({ region: drf.char({ max: 64 }), ...typeFields }),
    response: volumeType,
  }),
  patch: contract({
    ...typeCommon,
    method: 'patch',
    path: '/staffapi/openstack/volumetypes/:id',
    status: 200,
    summary: 'Change a volume type',
    description: 'Changes the fields that are sent. Volumes that are there stay as they are.',
    params: idParam,
    body: drf.partial(typeFields),
    response: volumeType,
  }),
  remove: contract({
    ...typeCommon,
    method: 'delete',
    path: '/staffapi/openstack/volumetypes/:id',
    status: 204,
    refusals: [409],
    summary: 'Delete a volume type',
    description: 'Deletes a volume type. 409 while volumes are of it.',
    params: idParam,
  }),
};
