import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';
import { MAX_INT, one } from './params.js';

const contract = contractIn('instances');

/** Machines that are at the hypervisor and not in the portal (contract compute §14 row 17); staff only. */
export const importable = z
  .strictObject({
    backend_id: z.string(),
    name: z.string(),
    region: z.string(),
    power_state: z.int(),
    vcpus: z.int(),
    memory_mb: z.int(),
    root_gb: z.int(),
    host_name: z.string().nullable(),
    addresses: z.array(z.string()),
  })
  .meta({ id: 'ImportableMachine' });
export const listImportable = contract({
  method: 'get',
  path: '/staffapi/openstack/instances/importable',
  access: 'staff',
  status: 200,
  refusals: [409],
  summary: 'List machines that no instance has',
  description:
    "Lists the machines of a region's hypervisor that bear no id of the portal, by `backend_id`; at most 10,000. 400 " +
    'without a `region`, 409 when its driver can not take machines over, 503 while it does not answer.',
  source: 'contract compute §14 row 17',
  query: listQuery.safeExtend({ region: one.describe('the region; required') }),
  response: listOf(importable),
});
export const importInstance = contract({
  method: 'post',
  path: '/staffapi/openstack/instances/import',
  access: 'staff',
  status: 201,
  refusals: [409],
  summary: 'Take a machine over as an instance',
  description:
    'Makes an instance of a machine that is at the hypervisor already: it counts in the quota, and is metered from ' +
    'then on. Repeated, it answers the same instance. Without `flavor` one of the size of the machine is taken. 409 ' +
    'for a machine that another client has, and when the driver of the region can not take machines over.',
  source: 'contract compute §14 row 17',
  body: drf.dict({
    backend_id: drf.char({ max: 255 }),
    client: drf.integer({ min: 0, max: MAX_INT }),
    region: drf.char({ max: 255 }),
    name: drf.char({ required: false, max: 255 }),
    flavor: drf.uuid({ required: false }),
  }),
  response: z.strictObject({ detail: z.string(), id: z.uuid(), uuid: z.uuid() }),
});
/** Simulated regions only: a machine that somebody else made (contract compute §11.3). */
export const createForeignMachine = contract({
  method: 'post',
  path: '/staffapi/openstack/simulator/machines',
  access: 'staff',
  status: 201,
  refusals: [409],
  summary: 'Make a simulated machine that is not of the portal',
  description:
    'Makes a machine at a simulated hypervisor that bears no id of the portal, to try the import. Only in simulated ' +
    'regions; 503 when no host has room for it.',
  source: 'contract compute §11.3',
  body: drf.dict({
    region: drf.char({ max: 255 }),
    name: drf.char({ max: 255 }),
    flavor: drf.uuid({}),
    nics: drf.list(drf.uuid({}), { required: false, max: 16 }),
  }),
  response: z.strictObject({ backend_id: z.string() }),
});
