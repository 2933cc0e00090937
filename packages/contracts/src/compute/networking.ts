import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { network, subnet } from './cloud.js';
import { ipAddress, ipNetwork } from './cloud-fields.js';
import { networkChanges, subnetChanges, subnetFields } from './cloud-writes.js';
import { listOf, listQuery } from './lists.js';
import { idParam, MAX_INT, one } from './params.js';

const contract = contractIn('networking');

/**
 * Ports, floating IPs, security groups, routers, and the networks of clients (contract compute §8.1). Staff act on all
 * under `/staffapi`; end users under `/api` on those of their own projects.
 */
const fault = z.strictObject({ code: z.string(), message: z.string() }).nullable();
const owned = { region: z.string(), project_id: z.string(), client: z.int().nullable().optional(), fault };
const STATUS = z.enum(['ACTIVE', 'DOWN', 'BUILD', 'ERROR']);

export const port = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    network_id: z.uuid(),
    mac_address: z.string().nullable(),
    fixed_ips: z.array(z.strictObject({ ip_address: z.string(), subnet_id: z.uuid().nullable() })),
    device_id: z.string(),
    device_owner: z.string(),
    status: STATUS,
    security_groups: z.array(z.uuid()),
    port_security_enabled: z.boolean(),
    created_at: z.string(),
    ...owned,
  })
  .meta({ id: 'Port' });
export const floatingIp = z
  .strictObject({
    id: z.uuid(),
    floating_ip_address: z.string().nullable(),
    fixed_ip_address: z.string().nullable(),
    port_id: z.uuid().nullable(),
    floating_network_id: z.uuid(),
    status: STATUS,
    instance: z.uuid().nullable(),
    created_at: z.string(),
    ...owned,
  })
  .meta({ id: 'FloatingIp' });
export const securityRule = z
  .strictObject({
    id: z.uuid(),
    direction: z.enum(['ingress', 'egress']),
    ethertype: z.enum(['IPv4', 'IPv6']),
    protocol: z.string().nullable(),
    port_range_min: z.int().nullable(),
    port_range_max: z.int().nullable(),
    remote_ip_prefix: z.string().nullable(),
    remote_group_id: z.uuid().nullable(),
  })
  .meta({ id: 'SecurityRule' });
export const securityGroup = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    description: z.string(),
    is_default: z.boolean(),
    status: STATUS,
    rules: z.array(securityRule),
    created_at: z.string(),
    ...owned,
  })
  .meta({ id: 'SecurityGroup' });
export const router = z
  .strictObject({
    id: z.uuid(),
    name: z.string(),
    external_gateway_info: z.strictObject({ network_id: z.uuid() }).nullable(),
    status: STATUS,
    subnets: z.array(z.uuid()),
    created_at: z.string(),
    ...owned,
  })
  .meta({ id: 'Router' });

const name = drf.char({ max: 255 });
const maybeId = drf.uuid({ required: false, nullable: true });
const maybeAddress = ipAddress({ required: false, nullable: true });
const groups = drf.list(drf.uuid({}), { required: false, nullable: true, max: 16 });
const gateway = drf.dict({ network_id: drf.uuid({}) }, { required: false, nullable: true });
const portNumber = drf.integer({ required: false, nullable: true, default: null, min: 0, max: 65_535 });
const fixedIps = (more: { nullable?: true }) =>
  drf.list(drf.dict({ ip_address: maybeAddress, subnet_id: maybeId }), { required: false, max: 5, ...more });
const portFields = {
  name: drf.char({ required: false, blank: true, max: 255 }),
  security_groups: groups,
  port_security_enabled: drf.boolean({ required: false }),
};
const bodies = {
  port: { network_id: drf.uuid({}), ...portFields, fixed_ips: fixedIps({ nullable: true }) },
  floatingIp: { floating_network_id: drf.uuid({}), port_id: maybeId, fixed_ip_address: maybeAddress },
  associate: drf.dict({ port: maybeId, instance: maybeId, fixed_ip: maybeAddress }),
  group: {
    region: drf.char({ max: 64 }),
    name,
    description: drf.char({ required: false, blank: true, max: 255, default: '' }),
  },
  rule: drf.dict({
    direction: drf.choice(['ingress', 'egress'], {}),
    ethertype: drf.choice(['IPv4', 'IPv6'], { required: false, default: 'IPv4' }),
    protocol: drf.char({ required: false, nullable: true, max: 16, default: null }),
    port_range_min: portNumber,
    port_range_max: portNumber,
    remote_ip_prefix: ipNetwork({ required: false, nullable: true, default: null }),
    remote_group_id: drf.uuid({ required: false, nullable: true, default: null }),
  }),
  router: { region: drf.char({ max: 64 }), name, external_gateway_info: gateway },
  interface: drf.dict({ subnet: drf.uuid({}) }),
  auto: { region: drf.char({ max: 64 }) },
  network: {
    region: drf.char({ max: 64 }),
    name,
    admin_state_up: drf.boolean({ required: false, default: true }),
    mtu: drf.integer({ required: false, default: 1500, min: 68, max: 65_535 }),
  },
};
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
      create: make('ports', { what: 'port', body: drf.dict({ ...bodies.port, ...owner }), response: port }),
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
        body: drf.dict({ ...bodies.floatingIp, ...owner }),
        response: floatingIp,
      }),
      associate: act('floatingips/:id/associate', {
        summary: 'Associate a floating IP',
        description: `Has a floating IP lead to an address of a port, or to the first one of an instance. ${LATER}`,
        body: bodies.associate,
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
        body: drf.dict({ ...bodies.group, ...owner }),
        response: securityGroup,
      }),
      patch: change('securitygroups', {
        what: 'security group',
        body: drf.partial({ name: bodies.group.name, description: bodies.group.description }),
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
        body: bodies.rule,
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
      create: make('routers', { what: 'router', body: drf.dict({ ...bodies.router, ...owner }), response: router }),
      patch: change('routers', {
        what: 'router',
        body: drf.partial({ name: bodies.router.name, external_gateway_info: bodies.router.external_gateway_info }),
        response: router,
      }),
      addInterface: act('routers/:id/add_interface', {
        summary: 'Connect a subnet to a router',
        description: `Connects a subnet by the address of its gateway. ${LATER}`,
        body: bodies.interface,
        response: router,
      }),
      removeInterface: act('routers/:id/remove_interface', {
        summary: 'Disconnect a subnet from a router',
        description: `Takes a subnet from a router. ${LATER}`,
        body: bodies.interface,
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
      body: drf.dict({ ...bodies.auto, ...owner }),
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
      body: drf.dict(bodies.network),
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
