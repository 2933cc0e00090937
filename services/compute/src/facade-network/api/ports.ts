import { boundedArray, facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import type { ComputeRequest } from '../../ctx.js';
import { faceFault } from '../../facade/api/refused.js';
import { groupsInRegion } from '../../facade/domain/region-groups.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { changePort, createPort, removePort } from '../../networking/domain/ports.js';
import { findResource, labelled, networkStore, portStore } from '../domain/resources.js';
import { inNeutronWords } from '../domain/neutron-words.js';
import { bad, readAttributes } from './attributes.js';
import {
  commonView,
  description,
  id,
  name,
  notAllowed,
  projectFields,
  projectIn,
  whoseOf,
  type Labelled,
} from './common.js';
import type { Resource } from './resource.js';
import { always, flag, ip, nothing, oneOf, text } from './values.js';

interface Row extends Labelled {
  name: string;
  networkId: string;
  macAddress: string | null;
  instanceId: string | null;
  /** Set: it is an interface of the router. */
  routerId: string | null;
  change: string | null;
  portSecurity: boolean;
  regionId: string;
  hostName: string | null;
  fixedIps: { subnet_id: string | null; ip_address: string }[] | null;
  groups: string[];
}
const fixedIps = boundedArray(z.strictObject({ subnet_id: id.optional(), ip_address: ip.optional() }), 10);
const writable = {
  name: name.optional(),
  description: description.optional(),
  admin_state_up: always(true, 'a port is always up').optional(),
  security_groups: boundedArray(id, 20).nullish(),
  fixed_ips: fixedIps.nullish(),
  port_security_enabled: flag.optional(),
  allowed_address_pairs: nothing('a port sends with its own addresses').optional(),
  extra_dhcp_opts: nothing('there are no options of DHCP').optional(),
  'binding:vnic_type': oneOf(['normal']).optional(),
  'binding:profile': nothing('it is chosen here').optional(),
  'binding:host_id': text(255).nullish(),
  qos_policy_id: nothing('there are no QoS policies').optional(),
  dns_name: nothing('there is no DNS').optional(),
  device_id: text(255).nullish(),
  device_owner: text(255).nullish(),
};
const create = z.strictObject({ ...writable, ...projectFields, network_id: id, mac_address: text(32).nullish() });
const update = z.strictObject(writable);
const FIRST = ['tenant_id', 'project_id', 'network_id', 'mac_address'];
type Given = Partial<z.infer<typeof create>>;

const wantedOf = (given: z.infer<typeof fixedIps> | null | undefined) =>
  (given ?? []).map(({ subnet_id: subnet, ip_address: address }) => ({
    subnet: subnet ?? null,
    address: address ?? null,
  }));
const ownerOf = ({ routerId, instanceId, regionId }: Row): string =>
  routerId !== null ? 'network:router_interface' : instanceId === null ? '' : `compute:${regionId}`;
/**
 * A port comes to a device by the compute API, and its host and hardware address are chosen here.
 * @param now what the port has
 * @throws Fault invalid, forbidden
 */
const demandNoDevice = (ctx: ComputeRequest, b: Given, now: { id: string; owner: string; host: string }): void => {
  if ((b.device_id ?? now.id) !== now.id)
    throw bad(
      'Invalid input for device_id. Reason: ports come to servers by openstack server add port, and leave them by ' +
        'openstack server remove port.',
    );
  if ((b.device_owner ?? now.owner) !== now.owner)
    throw bad('Invalid input for device_owner. Reason: it is told of the device that has the port.');
  if (b.mac_address) throw bad('Invalid input for mac_address. Reason: addresses are chosen here.');
  if ((b['binding:host_id'] ?? now.host) === now.host) return;
  if (!scopeOf(ctx).admin) throw notAllowed('create_port and rule:create_port:binding:host_id');
  throw bad('Invalid input for binding:host_id. Reason: the host is that of the server.');
};
/** The region of a network that the caller may see. */
const regionOfNetwork = async (ctx: ComputeRequest, network: string): Promise<string | undefined> =>
  (await findResource<{ regionId: string }>(ctx, networkStore, network))?.regionId;
/** Where groups of a port are wanted, and whose they are: they are made in its region on first use. */
const placeOf = async (ctx: ComputeRequest, { regionId, projectId }: Pick<Row, 'regionId' | 'projectId'>) => {
  const own = projectId ?? '';
  return { regionId, projectId: own, whose: await whoseOf(ctx, { project_id: own }) };
};
/** Ports that are interfaces of routers change with these alone. @throws Fault conflict */
export const demandOwnPort = ({ id: port, routerId }: { id: string; routerId: string | null }): void => {
  if (routerId !== null)
    throw faceFault(
      'conflict',
      `Port ${port} cannot be changed or deleted directly via the port API: has device owner network:router_interface.`,
      'ServicePortInUse',
    );
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
    status: row.routerId !== null || (row.instanceId !== null && row.change === null) ? 'ACTIVE' : 'DOWN',
    device_id: row.routerId ?? row.instanceId ?? '',
    device_owner: ownerOf(row),
    fixed_ips: row.fixedIps ?? [],
    security_groups: row.groups,
    port_security_enabled: row.portSecurity,
    allowed_address_pairs: [],
    extra_dhcp_opts: [],
    qos_policy_id: null,
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
    demandNoDevice(ctx, b, { id: '', owner: '', host: '' });
    // An empty list asks for a port without addresses; null and nothing ask for any.
    if (b.fixed_ips?.length === 0) throw bad('Invalid input for fixed_ips. Reason: a port has an address at least.');
    const input = {
      networkId: b.network_id,
      name: b.name ?? '',
      securityGroups: b.security_groups ?? null,
      portSecurity: b.port_security_enabled ?? true,
      fixedIps: wantedOf(b.fixed_ips),
    };
    return labelled(ctx, { description: b.description }, async (joint) => {
      const whose = await whoseOf(joint, b);
      const regionId = input.securityGroups?.length ? await regionOfNetwork(joint, b.network_id) : undefined;
      const made = await inNeutronWords(
        async () => {
          // A network that is not in sight is refused by what follows.
          const place = regionId !== undefined && { regionId, projectId: projectIn(joint, b), whose };
          const securityGroups = place
            ? await groupsInRegion(joint, b.security_groups ?? [], place)
            : input.securityGroups;
          return createPort(joint, { ...input, securityGroups }, whose);
        },
        { network: b.network_id, given },
      );
      return made.id;
    });
  },
  update: async (ctx, one, given, row) => {
    demandOwnPort(row);
    const b = readAttributes(update, given, { put: true, first: FIRST });
    demandNoDevice(ctx, b, { id: row.instanceId ?? '', owner: ownerOf(row), host: row.hostName ?? '' });
    await labelled(ctx, { description: b.description }, async (joint) => {
      const changes = {
        name: b.name,
        portSecurity: b.port_security_enabled,
        ...(b.fixed_ips !== undefined && { fixedIps: wantedOf(b.fixed_ips) }),
      };
      await inNeutronWords(
        async () => {
          if (b.security_groups === undefined) return changePort(joint, one, changes);
          const securityGroups = await groupsInRegion(joint, b.security_groups ?? [], await placeOf(joint, row));
          return changePort(joint, one, { ...changes, securityGroups });
        },
        { id: one, network: row.networkId, given },
      );
      return one;
    });
  },
  remove: (ctx, one, row) => {
    demandOwnPort(row);
    return removePort(ctx, one);
  },
};
