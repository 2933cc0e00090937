import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';

const contract = contractIn('facade-compute');
const user = { access: 'user', source: 'contract compute §12.3', method: 'get', status: 200 } as const;
const document = z.looseObject({});
const V = '/compute/v2.1';
const alias = z.object({ alias: z.string().max(255) });
/** A list that the caller may read. */
const list = <const P extends string>(path: P, summary: string) =>
  contract({ ...user, path: `${V}/${path}` as const, summary, query: anyQuery, response: document });

export const listZones = list('os-availability-zone', 'Availability zones');
export const listZonesDetail = list(
  'os-availability-zone/detail',
  'Availability zones with their hosts (administrators)',
);
export const listHypervisors = list('os-hypervisors', 'Hosts (administrators)');
export const listHypervisorsDetail = list('os-hypervisors/detail', 'Hosts, whole (administrators)');
export const hypervisorStatistics = list('os-hypervisors/statistics', 'Sums over all hosts (administrators)');
export const listServices = list('os-services', 'Compute services (administrators)');
export const listAggregates = list('os-aggregates', 'Host aggregates: there are none (administrators)');
export const listServerGroups = list('os-server-groups', 'Server groups: there are none');
export const listMigrations = list('os-migrations', 'Migrations, newest first (administrators)');
export const listExtensions = list('extensions', 'Extensions');
export const showHypervisor = contract({
  ...user,
  path: `${V}/os-hypervisors/:id`,
  summary: 'One host (administrators)',
  params: idParams,
  query: anyQuery,
  response: document,
});
export const hypervisorUptime = contract({
  ...user,
  path: `${V}/os-hypervisors/:id/uptime`,
  refusals: [501],
  summary: 'How long a host is up: it is not known (administrators, below 2.88)',
  params: idParams,
  response: document,
});
export const searchHypervisors = contract({
  ...user,
  path: `${V}/os-hypervisors/:id/search`,
  summary: 'Hosts by a part of their name (administrators; below 2.53)',
  params: idParams,
  response: document,
});
export const listHosts = list('os-hosts', 'Names of hosts (administrators; below 2.43)');
export const showHost = contract({
  ...user,
  path: `${V}/os-hosts/:id`,
  summary: 'What a host has, and what is used of it (administrators; below 2.43)',
  params: idParams,
  response: document,
});
export const createServerGroup = contract({
  ...user,
  method: 'post',
  status: 200,
  path: `${V}/os-server-groups`,
  summary: 'Server groups are not supported: 501',
  body: z.strictObject({ server_group: z.looseObject({ name: z.string().min(1).max(255) }) }),
  response: document,
});
export const showServerGroup = contract({
  ...user,
  path: `${V}/os-server-groups/:id`,
  summary: 'One server group: there is none',
  params: idParams,
  query: anyQuery,
  response: document,
});
export const deleteServerGroup = contract({
  ...user,
  method: 'delete',
  status: 204,
  path: `${V}/os-server-groups/:id`,
  summary: 'Delete a server group: there is none',
  params: idParams,
});
export const showExtension = contract({
  ...user,
  path: `${V}/extensions/:alias`,
  summary: 'One extension',
  params: alias,
  response: document,
});
