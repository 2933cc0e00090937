import { z } from 'zod';
import * as drf from '../drf/index.js';
import { ipAddress, ipNetwork } from './cloud-fields.js';
import { optional } from './params.js';

// Ports, floating IPs, security groups and routers as they are shown (contract compute §8.1), and the fields of bodies
// that make and change them.

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
const portNumber = drf.integer({ ...optional, min: 0, max: 65_535 });
export const fixedIps = (more: { nullable?: true }) =>
  drf.list(drf.dict({ ip_address: maybeAddress, subnet_id: maybeId }), { required: false, max: 5, ...more });
export const portFields = {
  name: drf.char({ required: false, blank: true, max: 255 }),
  security_groups: groups,
  port_security_enabled: drf.boolean({ required: false }),
};
/** Fields of the bodies that make and change them. */
export const networkingBodies = {
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
    protocol: drf.char({ max: 16, ...optional }),
    port_range_min: portNumber,
    port_range_max: portNumber,
    remote_ip_prefix: ipNetwork(optional),
    remote_group_id: drf.uuid(optional),
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
