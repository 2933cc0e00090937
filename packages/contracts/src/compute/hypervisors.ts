import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';
import { idParam } from './params.js';

const contract = contractIn('catalog');

/** Hosts of the regions (contract compute §8.1); staff only. */
export const hypervisor = z
  .strictObject({
    id: z.uuid(),
    host_name: z.string(),
    type: z.string(),
    status: z.enum(['enabled', 'disabled']),
    state: z.enum(['up', 'down']),
    vcpus: z.int(),
    vcpus_used: z.int(),
    memory_mb: z.int(),
    memory_mb_used: z.int(),
    local_gb: z.int(),
    local_gb_used: z.int(),
    running_vms: z.int(),
    region: z.string(),
  })
  .meta({ id: 'Hypervisor' });
export const listHypervisors = contract({
  method: 'get',
  path: '/staffapi/openstack/hypervisors',
  access: 'staff',
  status: 200,
  summary: 'List hypervisors',
  description:
    'Lists the hosts of all regions, with paging, ordering, search and filtering. What they say is at most a minute ' +
    'old; `state` is `down` while their driver does not answer.',
  source: 'contract compute §3, §8.1',
  query: listQuery,
  response: listOf(hypervisor),
});
export const getHypervisor = contract({
  method: 'get',
  path: '/staffapi/openstack/hypervisors/:id',
  access: 'staff',
  status: 200,
  summary: 'One hypervisor',
  description: 'Answers one host with what it has and what is used of it.',
  source: 'contract compute §8.1',
  params: idParam,
  response: hypervisor,
});
