import { boundedArray, facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import { faceFault } from '../../facade/api/refused.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { changePort, createPort, removePort } from '../../networking/domain/ports.js';
import { labelled, portStore } from '../domain/resources.js';
import { readAttributes } from './attributes.js';
import {
  commonView,
  demandId,
  description,
  flag,
  id,
  isTrue,
  name,
  projectFields,
  whoseOf,
  type Labelled,
} from './common.js';
import type { Resource } from './resource.js';

interface Row extends Labelled {
  name: string;
  networkId: string;
  macAddress: string | null;
  instanceId: string | null;
  change: string | null;
  portSecurity: boolean;
  regionId: string;
  hostName: string | null;
  fixedIps: { subnet_id: string | null; ip_address: string }[] | null;
  groups: string[];
}
const ip = z.union([z.ipv4(), z.ipv6()]);
const fixedIps = boundedArray(z.strictObject({ subnet_id: id.optional(), ip_address: ip.optional() }), 10);
/** What is accepted where it asks for nothing. */
const nothing = boundedArray(z.unknown(), 0);
const writable = {
  name: name.optional(),
  description: description.optional(),
  admin_state_up: z.union([z.literal(true), z.literal('true'), z.literal('True')]).optional(),
  security_groups: boundedArray(id, 20).nullish(),
  fixed_ips: fixedIps.nullish(),
  port_security_enabled: flag.optional(),
  allowed_address_pairs: nothing.nullish(),
  extra_dhcp_opts: nothing.nullish(),
  'binding:vnic_type': z.literal('normal').optional(),
  'binding:profile': z
    .record(z.string().max(50), z.unknown())
    .refine((one) => !Object.keys(one).length)
    .nullish(),
  'binding:host_id': z.string().max(255).nullish(),
  dns_name: z.literal('').nullish(),
  device_id: z.string().max(255).nullish(),
  device_owner: z.string().max(255).nullish(),
  propagate_uplink_status: flag.optional(),
};
const create = z.strictObject({
  ...writable,
  ...projectFields,
  network_id: id,
  mac_address: z.string().max(32).optional(),
});
const update = z.strictObject(writable);
type Given = Partial<z.infer<typeof create>>;

const wantedOf = (given: z.infer<typeof fixedIps> | null | undefined) =>
  (given ?? []).map(({ subnet_id: subnet, ip_address: address }) => {
    if (subnet !== undefined) demandId('subnet', subnet);
    return { subnet: subnet ?? null, address: address ?? null };
  });
const groupsOf = (given: readonly string[] | null | undefined): string[] | null => {
  for (const one of given ?? []) demandId('group', one);
  return given ? [...given] : null;
};
/** A port comes to a device by the compute API. @throws Fault invalid */
const demandNoDevice = (b: Given): void => {
  if (b.device_id)
    throw faceFault(
      'invalid',
      'Invalid input for device_id. Reason: attach the port to a server: openstack server add port.',
      'HTTPBadRequest',
    );
  if (b.mac_address !== undefined)
    throw faceFault('invalid', 'Invalid input for mac_address. Reason: addresses are chosen here.', 'HTTPBadRequest');
};

export const portResource: Resource<Row> = {
  contracts: facadeNetwork.ports,
  singular: 'port',
  plural: 'ports',
  absent: { type: 'PortNotFound', message: (one) => `Port ${one} could not be found.` },
  store: portStore,
  view: (ctx, row) => ({
    id: row.id,
    name: row.name,
    network_id: row.networkId,
    mac_address: row.macAddress ?? '',
    admin_state_up: true,
    status: row.instanceId !== null && row.change === null ? 'ACTIVE' : 'DOWN',
    device_id: row.instanceId ?? '',
    device_owner: row.instanceId === null ? '' : `compute:${row.regionId}`,
    fixed_ips: row.fixedIps ?? [],
    security_groups: row.groups,
    port_security_enabled: row.portSecurity,
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    'binding:vnic_type': 'normal',
    ...(scopeOf(ctx).admin && {
      'binding:host_id': row.hostName ?? '',
      'binding:profile': {},
      'binding:vif_details': {},
      'binding:vif_type': row.instanceId === null ? 'unbound' : 'ovs',
    }),
    dns_name: '',
    ...commonView(row),
  }),
  create: async (ctx, given) => {
    const b = readAttributes(create, given);
    demandNoDevice(b);
    demandId('network', b.network_id);
    const input = {
      networkId: b.network_id,
      name: b.name ?? '',
      securityGroups: groupsOf(b.security_groups),
      portSecurity: isTrue(b.port_security_enabled, true),
      fixedIps: wantedOf(b.fixed_ips),
    };
    return labelled(
      ctx,
      { description: b.description },
      async (joint) => (await createPort(joint, input, whoseOf(joint, b))).id,
    );
  },
  update: async (ctx, one, given, row) => {
    const b = readAttributes(update, given);
    if (b.device_id && b.device_id !== row.instanceId) demandNoDevice(b);
    await labelled(ctx, { description: b.description }, async (joint) => {
      await changePort(joint, one, {
        ...(b.name !== undefined && { name: b.name }),
        ...(b.security_groups !== undefined && { securityGroups: groupsOf(b.security_groups) ?? [] }),
        ...(b.port_security_enabled !== undefined && { portSecurity: isTrue(b.port_security_enabled) }),
        ...(b.fixed_ips !== undefined && { fixedIps: wantedOf(b.fixed_ips) }),
      });
      return one;
    });
  },
  remove: (ctx, one) => removePort(ctx, one),
};
