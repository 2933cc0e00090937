import { z } from 'zod';
import { boundedRecord } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { anyQuery, idParams } from '../fields.js';

const contract = contractIn('facade-network');
const user = { access: 'user', source: 'contract compute §12.5' } as const;
const V = '/network/v2.0';
const document = z.looseObject({});
/** One thing by its singular name, or several by the plural; the handler judges the attributes in Neutron's words. */
const envelope = boundedRecord(z.unknown(), 1);

/** What every resource of the network API has. @param path as in the address, e.g. `security-groups` */
const crud = <const P extends string>(path: P, what: string) => ({
  list: contract({
    ...user,
    method: 'get',
    path: `${V}/${path}` as const,
    status: 200,
    summary: `List ${what}s`,
    query: anyQuery,
    response: document,
  }),
  show: contract({
    ...user,
    method: 'get',
    path: `${V}/${path}/:id` as const,
    status: 200,
    summary: `Show a ${what}`,
    params: idParams,
    query: anyQuery,
    response: document,
  }),
  create: contract({
    ...user,
    method: 'post',
    path: `${V}/${path}` as const,
    status: 201,
    summary: `Make a ${what}, or several: all or none`,
    body: envelope,
    response: document,
  }),
  update: contract({
    ...user,
    method: 'put',
    path: `${V}/${path}/:id` as const,
    status: 200,
    summary: `Change a ${what}`,
    params: idParams,
    body: envelope,
    response: document,
  }),
  remove: contract({
    ...user,
    method: 'delete',
    path: `${V}/${path}/:id` as const,
    status: 204,
    summary: `Delete a ${what}`,
    params: idParams,
  }),
  tags: contract({
    ...user,
    method: 'get',
    path: `${V}/${path}/:id/tags` as const,
    status: 200,
    summary: `Tags of a ${what}`,
    params: idParams,
    response: document,
  }),
  replaceTags: contract({
    ...user,
    method: 'put',
    path: `${V}/${path}/:id/tags` as const,
    status: 200,
    summary: `Replace the tags of a ${what}`,
    params: idParams,
    body: envelope,
    response: document,
  }),
  removeTags: contract({
    ...user,
    method: 'delete',
    path: `${V}/${path}/:id/tags` as const,
    status: 204,
    summary: `Take all tags of a ${what} away`,
    params: idParams,
  }),
  hasTag: contract({
    ...user,
    method: 'get',
    path: `${V}/${path}/:id/tags/:tag` as const,
    status: 204,
    summary: `Whether a ${what} has a tag`,
    params: idParams.extend({ tag: z.string().max(255) }),
  }),
  addTag: contract({
    ...user,
    method: 'put',
    path: `${V}/${path}/:id/tags/:tag` as const,
    status: 201,
    summary: `Add a tag to a ${what}`,
    params: idParams.extend({ tag: z.string().max(255) }),
  }),
  removeTag: contract({
    ...user,
    method: 'delete',
    path: `${V}/${path}/:id/tags/:tag` as const,
    status: 204,
    summary: `Take a tag of a ${what} away`,
    params: idParams.extend({ tag: z.string().max(255) }),
  }),
});
export const networks = crud('networks', 'network');
export const subnets = crud('subnets', 'subnet');
export const ports = crud('ports', 'port');
export const routers = crud('routers', 'router');
export const floatingIps = crud('floatingips', 'floating IP');
export const securityGroups = crud('security-groups', 'security group');
export const securityGroupRules = crud('security-group-rules', 'rule of a security group');

const onRouter = (name: 'add_router_interface' | 'remove_router_interface', summary: string) =>
  contract({
    ...user,
    method: 'put',
    path: `${V}/routers/:id/${name}` as const,
    status: 200,
    summary,
    params: idParams,
    body: boundedRecord(z.unknown(), 10),
    response: document,
  });
export const addRouterInterface = onRouter('add_router_interface', 'Connect a subnet to a router');
export const removeRouterInterface = onRouter('remove_router_interface', 'Disconnect a subnet from a router');

const list = <const P extends string>(path: P, summary: string) =>
  contract({
    ...user,
    method: 'get',
    path: `${V}/${path}` as const,
    status: 200,
    summary,
    query: anyQuery,
    response: document,
  });
export const listExtensions = list('extensions', 'Extensions');
export const showExtension = contract({
  ...user,
  method: 'get',
  path: `${V}/extensions/:alias`,
  status: 200,
  summary: 'One extension',
  params: z.object({ alias: z.string().max(255) }),
  response: document,
});
export const listZones = list('availability_zones', 'Availability zones');
/** What there is none of, and what clients ask for all the same. */
export const EMPTY = [
  'agents',
  'subnetpools',
  'address-scopes',
  'rbac-policies',
  'service_profiles',
  'network_segments',
  'segments',
  'address-groups',
  'qos/policies',
  'trunks',
] as const;
export const emptyLists = EMPTY.map((name) => list(name, `There are none: ${name}`));
/** None of them can be made either: the client is told in a sentence. */
export const refusedCreates = EMPTY.map((name) =>
  contract({
    ...user,
    method: 'post',
    path: `${V}/${name}`,
    status: 201,
    summary: `Refused with 400, there are none: ${name}`,
    body: boundedRecord(z.unknown(), 10),
    response: document,
  }),
);
export const createPortForwarding = contract({
  ...user,
  method: 'post',
  path: `${V}/floatingips/:id/port_forwardings`,
  status: 201,
  summary: 'Refused with 400: port forwardings of a floating IP',
  params: idParams,
  body: boundedRecord(z.unknown(), 10),
  response: document,
});
export const listPortForwardings = contract({
  ...user,
  method: 'get',
  path: `${V}/floatingips/:id/port_forwardings`,
  status: 200,
  summary: 'There are none: port forwardings of a floating IP',
  params: idParams,
  query: anyQuery,
  response: document,
});
const quotaParams = z.object({ project: z.string().max(255) });
const quota = <const P extends string>(path: P, summary: string) =>
  contract({
    ...user,
    method: 'get',
    path: `${V}/quotas/:project${path}` as const,
    status: 200,
    summary,
    params: quotaParams,
    response: document,
  });
export const listQuotas = list('quotas', 'Quotas of projects that have their own (administrators)');
export const showQuota = quota('', 'Quotas of a project');
export const showDefaultQuota = quota('/default', 'Quotas of a project for which none are set');
export const showQuotaDetails = quota('/details.json', 'Quotas of a project, with what is in use');
export const showQuotaDetailsPlain = quota('/details', 'Quotas of a project, with what is in use');
export const updateQuota = contract({
  ...user,
  method: 'put',
  path: `${V}/quotas/:project`,
  status: 200,
  summary: 'Set quotas of a project (administrators)',
  params: quotaParams,
  body: envelope,
  response: document,
});
export const deleteQuota = contract({
  ...user,
  method: 'delete',
  path: `${V}/quotas/:project`,
  status: 204,
  summary: 'Take the quotas of a project back to the defaults (administrators)',
  params: quotaParams,
});

const versions = { access: 'public', source: 'contract compute §12.5', method: 'get', status: 200 } as const;
export const listVersions = contract({
  ...versions,
  path: '/network',
  summary: 'The versions of the network API',
  response: document,
});
export const showVersion = contract({
  ...versions,
  path: '/network/v2.0',
  summary: 'The resources of version 2.0',
  response: document,
});
