import { z } from 'zod';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';
import { document, listing, user, V } from './fields.js';

const contract = contractIn('facade-volume');
const get = { ...user, method: 'get', status: 200, query: anyQuery } as const;
const one = { ...user, params: idParams } as const;

const none = <const Path extends string, const Key extends string>(path: Path, key: Key, summary: string) => ({
  list: contract({ ...get, path: `${V}/${path}`, summary: `${summary}: there are none`, response: listing(key) }),
  detail: contract({
    ...get,
    path: `${V}/${path}/detail`,
    summary: `${summary}: there are none`,
    response: listing(key),
  }),
  show: contract({
    ...one,
    method: 'get',
    path: `${V}/${path}/:id`,
    status: 200,
    summary: `${summary}: none is there`,
  }),
  update: contract({
    ...one,
    method: 'put',
    path: `${V}/${path}/:id`,
    status: 200,
    summary: `${summary}: none can be changed`,
    body: document,
  }),
  remove: contract({
    ...one,
    method: 'delete',
    path: `${V}/${path}/:id`,
    status: 202,
    summary: `${summary}: none can be deleted`,
  }),
  act: contract({
    ...one,
    method: 'post',
    path: `${V}/${path}/:id/action`,
    status: 202,
    summary: `${summary}: nothing can be done to them`,
    body: document,
  }),
  create: contract({
    ...user,
    method: 'post',
    path: `${V}/${path}`,
    status: 202,
    summary: `${summary}: they can not be made`,
    body: document,
  }),
});
/** What Cinder has and this cloud has not: empty lists, and clear refusals. */
export const absent = {
  messages: none('messages', 'messages', 'Messages to users (3.3)'),
  qos_specs: none('qos-specs', 'qos_specs', 'QoS specs'),
  groups: none('groups', 'groups', 'Groups of volumes (3.13)'),
  group_types: none('group_types', 'group_types', 'Types of groups (3.11)'),
  group_snapshots: none('group_snapshots', 'group_snapshots', 'Snapshots of groups (3.14)'),
  consistencygroups: none('consistencygroups', 'consistencygroups', 'Consistency groups'),
  cgsnapshots: none('cgsnapshots', 'cgsnapshots', 'Snapshots of consistency groups'),
  transfers: none('os-volume-transfer', 'transfers', 'Transfers of volumes'),
  new_transfers: none('volume-transfers', 'transfers', 'Transfers of volumes (3.55)'),
  clusters: none('clusters', 'clusters', 'Clusters of services (3.7, administrators)'),
} as const;
/** A group of the volumes of another one (3.14). */
export const copyGroup = contract({
  ...user,
  method: 'post',
  path: `${V}/groups/action`,
  status: 202,
  summary: 'Make a group from another one (refused; 3.14)',
  body: document,
});
const manageable = <const Things extends 'manageable_volumes' | 'manageable_snapshots'>(things: Things) => {
  const summary = 'What storage has beside the portal (refused; 3.8, administrators)';
  return {
    list: contract({ ...get, path: `${V}/${things}`, summary, response: document }),
    detail: contract({ ...get, path: `${V}/${things}/detail`, summary, response: document }),
    take: contract({ ...user, method: 'post', path: `${V}/${things}`, status: 202, summary, body: document }),
  };
};
export const manageableVolumes = manageable('manageable_volumes');
export const manageableSnapshots = manageable('manageable_snapshots');
export const cleanWorkers = contract({
  ...user,
  method: 'post',
  path: `${V}/workers/cleanup`,
  status: 202,
  summary: 'Clean up after services that are down (refused; 3.24, administrators)',
  body: document,
});

export const listDefaultTypes = contract({
  ...get,
  path: `${V}/default-types`,
  summary: 'Default volume types of projects: there are none (3.62, administrators)',
  response: listing('default_types'),
});
export const showProjectType = contract({
  ...one,
  method: 'get',
  path: `${V}/default-types/:id`,
  status: 200,
  summary: 'The default volume type of a project: it has none (3.62, administrators)',
});
export const setProjectType = contract({
  ...one,
  method: 'put',
  path: `${V}/default-types/:id`,
  status: 200,
  summary: 'Set the default volume type of a project (refused; 3.62, administrators)',
  body: z.strictObject({ default_type: z.strictObject({ volume_type: z.string().min(1).max(255) }) }),
});
export const unsetProjectType = contract({
  ...one,
  method: 'delete',
  path: `${V}/default-types/:id`,
  status: 204,
  summary: 'Take the default volume type of a project away: it has none (3.62, administrators)',
});
