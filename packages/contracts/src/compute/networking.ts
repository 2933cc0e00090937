import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { network, subnet } from './cloud.js';
import { networkChanges, subnetChanges, subnetFields } from './cloud-writes.js';
import { listOf, listQuery } from './lists.js';
import {
  fixedIps,
  floatingIp,
  networkingBodies as fields,
  port,
  portFields,
  router,
  securityGroup,
  securityRule,
} from './networking-fields.js';
import { idParam, MAX_INT, one } from './params.js';

const contract = contractIn('networking');

/**
 * Ports, floating IPs, security groups, routers, and the networks of clients (contract compute §8.1). Staff act on all
 * under `/staffapi`; end users under `/api` on those of their own projects.
 */
/** Staff name the client for whom they make something. */
const byStaff = { client: drf.integer({ min: 0, max: MAX_INT }) };
const byUser = {};

const ruleParams = z.object({ id: z.string().max(255), rule_id: z.string().max(255) });
const SOURCE = 'contract compute §8.1';
const LATER = 'The region is told by a job: `status` is BUILD or ERROR until it has it.';

const forRoot = <
  const Root extends 'staffapi' | 'api',
  const Access extends 'staff' | 'enduser',
  Owner extends Record<string, z.ZodType>,
>(
  root: Root,
  access: Access,
  owner: Owner,
) => {
  const common = { access, source: SOURCE } as const;
  const at = <const P extends string>(path: P) => `/${root}/openstack/${path}` as const;
  const reads = <const P extends string, R extends z.ZodType>(path: P, what: string, item: R) => ({
    list: contract({
      ...common,
      method: 'get',
      path: at(path),
      status: 200,
      summary: `List ${what}s`,
      description: `Lists the ${what}s of the caller's projects, newest first; staff see those of all.`,
      query: listQuery.safeExtend({ client: one }),
      response: listOf(item),
    }),
    get: contract({
      ...common,
      method: 'get',
      path: `${at(path)}/:id` as const,
      status: 200,
      summary: `One ${what}`,
      description: `Answers one ${what}; 404 for one of another client.`,
      params: idParam,
      response: item,
    }),
    remove: contract({
      ...common,
      method: 'delete',
      path: `${at(path)}/:id` as const,
      status: 204,
      refusals: [409],
      summary: `Delete a ${what}`,
      description: `Deletes a ${what} that nothing uses. It is gone at once here; a job takes it from the region.`,
      params: idParam,
    }),
  });
  const make = <const P extends string, B extends z.ZodType, R extends z.ZodType>(
    path: P,
    { what, body, response }: { what: string; body: B; response: R },
  ) =>
    contract({
      ...common,
      method: 'post',
      path: at(path),
      status: 201,
      refusals: [404, 409],
      summary: `Make a ${what}`,
      description: `Makes a ${what} in the project of a client. ${LATER} 409 where the region has none.`,
      query: z.looseObject({ client: one }),
      body,
      response,
    });
  const change = <const P extends string, B extends z.ZodType, R extends z.ZodType>(
    path: P,
    { what, body, response }: { what: string; body: B; response: R },
  ) =>
    contract({
      ...common,
      method: 'patch',
      path: `${at(path)}/:id` as const,
      status: 200,
      refusals: [409],
      summary: `Change a ${what}`,
      description: `Changes the fields that are sent and leaves the others. ${LATER}`,
      params: idParam,
      body,
      response,
    });
  const act = <const P extends string, B extends z.ZodType, R extends z.ZodType>(
    path: P,
    { summary, description, body, response }: { summary: string; description: string; body: B; response: R },
  ) =>
    contract({
      ...common,
      method: 'post',
      path: at(path),
      status: 200,
      refusals: [409],
      summary,
      description,
      params: idParam,
      body,
      response,
    });
  return {
    ports: {
      ...reads('ports', 'port', port),
      create: make('ports', { what: 'port', body: drf.dict({ ...fields.port, ...owner }), response: port }),
      patch: change('ports', {
        what: 'port',
        body: drf.partial({ ...portFields, fixed_ips: fixedIps({}) }),
        response: port,
      }),
    },
    floatingIps: {
      ...reads('floatingips', 'floating IP', floatingIp),
      create: make('floatingips', {
        what: 'floating IP',
        body: drf.dict({ ...fields.floatingIp, ...owner }),
        response: floatingIp,
      }),
      associate: act('floatingips/:id/associate', {
        summary: 'Associate a floating IP',
        description: `Has a floating IP lead to an address of a port, or to the first one of an instance. ${LATER}`,
        body: fields.associate,
        response: floatingIp,
      }),
      dissociate: contract({
        ...common,
        method: 'post',
        path: at('floatingips/:id/dissociate'),
        status: 200,
        refusals: [409],
        summary: 'Dissociate a floating IP',
        description: `Has a floating IP lead nowhere; also one that does so already. ${LATER}`,
        params: idParam,
        response: floatingIp,
      }),
    },
    securityGroups: {
      ...reads('securitygroups', 'security group', securityGroup),
      create: make('securitygroups', {
        what: 'security group',
        body: drf.dict({ ...fields.group, ...owner }),
        response: securityGroup,
      }),
      patch: change('securitygroups', {
        what: 'security group',
        body: drf.partial({ name: fields.group.name, description: fields.group.description }),
        response: securityGroup,
      }),
      addRule: contract({
        ...common,
        method: 'post',
        path: at('securitygroups/:id/rules'),
        status: 201,
        refusals: [409],
        summary: 'Add a rule to a security group',
        description: `Adds a rule: what it names is let through. ${LATER} 409 for a rule that the group has.`,
        params: idParam,
        body: fields.rule,
        response: securityRule,
      }),
      removeRule: contract({
        ...common,
        method: 'delete',
        path: at('securitygroups/:id/rules/:rule_id'),
        status: 204,
        summary: 'Delete a rule of a security group',
        description: 'Deletes a rule; a job tells the region.',
        params: ruleParams,
      }),
    },
    routers: {
      ...reads('routers', 'router', router),
      create: make('routers', { what: 'router', body: drf.dict({ ...fields.router, ...owner }), response: router }),
      patch: change('routers', {
        what: 'router',
        body: drf.partial({ name: fields.router.name, external_gateway_info: fields.router.external_gateway_info }),
        response: router,
      }),
      addInterface: act('routers/:id/add_interface', {
        summary: 'Connect a subnet to a router',
        description: `Connects a subnet by the address of its gateway. ${LATER}`,
        body: fields.interface,
        response: router,
      }),
      removeInterface: act('routers/:id/remove_interface', {
        summary: 'Disconnect a subnet from a router',
        description: `Takes a subnet from a router. ${LATER}`,
        body: fields.interface,
        response: router,
      }),
    },
    autoCreate: contract({
      ...common,
      method: 'post',
      path: at('networks/auto-create'),
      aliases: [at('networks/auto_create')],
      status: 201,
      refusals: [404, 409],
      summary: 'Make the network of a project',
      description:
        'Makes a network with a subnet and a router for the project of a client, once in each region; repeated, it ' +
        'answers the same network.',
      query: z.looseObject({ client: one }),
      body: drf.dict({ ...fields.auto, ...owner }),
      response: network,
    }),
  };
};
export const staffNetworking = forRoot('staffapi', 'staff', byStaff);
const user = forRoot('api', 'enduser', byUser);

const own = { access: 'enduser', source: SOURCE } as const;
const OWN_NETWORK = 'of a project of the caller; those of the provider can not be changed (403)';
/** What end users write of the networks of their projects; staff: cloud-writes.ts. */
export const userNetworking = {
  ...user,
  networks: {
    create: contract({
      ...own,
      method: 'post',
      path: '/api/openstack/networks',
      status: 201,
      refusals: [404, 409],
      summary: 'Make a network',
      description: `Makes a network of the project. ${LATER} 409 where the region's driver has none.`,
      query: z.looseObject({ client: one }),
      body: drf.dict(fields.network),
      response: network,
    }),
    patch: contract({
      ...own,
      method: 'patch',
      path: '/api/openstack/networks/:id',
      status: 200,
      refusals: [409],
      summary: 'Change a network',
      description: `Changes a network ${OWN_NETWORK}. ${LATER}`,
      params: idParam,
      body: drf.partial(networkChanges),
      response: network,
    }),
    remove: contract({
      ...own,
      method: 'delete',
      path: '/api/openstack/networks/:id',
      status: 204,
      refusals: [409],
      summary: 'Delete a network',
      description: `Deletes a network ${OWN_NETWORK}, with its subnets; 409 while something uses it.`,
      params: idParam,
    }),
  },
  subnets: {
    create: contract({
      ...own,
      method: 'post',
      path: '/api/openstack/subnets',
      status: 201,
      refusals: [409],
      summary: 'Make a subnet',
      description: `Makes a subnet of a network ${OWN_NETWORK}. ${LATER}`,
      body: drf.dict(subnetFields),
      response: subnet,
    }),
    patch: contract({
      ...own,
      method: 'patch',
      path: '/api/openstack/subnets/:id',
      status: 200,
      refusals: [409],
      summary: 'Change a subnet',
      description: `Changes a subnet of a network ${OWN_NETWORK}. ${LATER}`,
      params: idParam,
      body: drf.partial(subnetChanges),
      response: subnet,
    }),
    remove: contract({
      ...own,
      method: 'delete',
      path: '/api/openstack/subnets/:id',
      status: 204,
      refusals: [409],
      summary: 'Delete a subnet',
      description: `Deletes a subnet of a network ${OWN_NETWORK}; 409 while something uses it.`,
      params: idParam,
    }),
  },
};
