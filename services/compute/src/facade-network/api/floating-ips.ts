import { facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import { scopeOf } from '../../facade/domain/scope.js';
import { associate, createFloatingIp, dissociate, removeFloatingIp } from '../../networking/domain/floating-ips.js';
import { floatingStore, labelled } from '../domain/resources.js';
import { inNeutronWords } from '../domain/neutron-words.js';
import { bad, readAttributes } from './attributes.js';
import { commonView, description, id, notAllowed, projectFields, whoseOf, type Labelled } from './common.js';
import type { Resource } from './resource.js';
import { ip, nothing, uuidOrNone } from './values.js';

interface Row extends Labelled {
  address: string | null;
  networkId: string;
  portId: string | null;
  fixedAddress: string | null;
  status: string;
  routerId: string | null;
}
const writable = {
  description: description.optional(),
  port_id: uuidOrNone.nullish(),
  fixed_ip_address: ip.nullish(),
  qos_policy_id: nothing('there are no QoS policies').optional(),
};
const create = z.strictObject({
  ...writable,
  ...projectFields,
  floating_network_id: id,
  floating_ip_address: ip.nullish(),
  subnet_id: id.nullish(),
  dns_name: nothing('there is no DNS').optional(),
  dns_domain: nothing('there is no DNS').optional(),
});
const update = z.strictObject(writable);
const FIRST = ['tenant_id', 'project_id', 'floating_network_id', 'floating_ip_address', 'subnet_id', 'router_id'];

export const absentFloatingIp = {
  type: 'FloatingIPNotFound',
  message: (one: string) => `Floating IP ${one} could not be found`,
};
export const floatingIpResource: Resource<Row> = {
  contracts: facadeNetwork.floatingIps,
  singular: 'floatingip',
  plural: 'floatingips',
  absent: absentFloatingIp,
  store: floatingStore,
  view: (_ctx, row) => ({
    id: row.id,
    floating_ip_address: row.address ?? '',
    floating_network_id: row.networkId,
    router_id: row.routerId,
    port_id: row.portId,
    fixed_ip_address: row.fixedAddress,
    status: row.status === 'ERROR' ? 'ERROR' : row.portId === null ? 'DOWN' : 'ACTIVE',
    port_details: null,
    port_forwardings: [],
    dns_name: '',
    dns_domain: '',
    qos_policy_id: null,
    ...commonView(row),
  }),
  create: async (ctx, given) => {
    const b = readAttributes(create, given);
    if (b.floating_ip_address) {
      if (!scopeOf(ctx).admin) throw notAllowed('create_floatingip and rule:create_floatingip:floating_ip_address');
      throw bad('Invalid input for floating_ip_address. Reason: addresses are chosen here.');
    }
    if (b.fixed_ip_address && !b.port_id)
      throw bad('Bad floatingip request: fixed_ip_address cannot be specified without a port_id.');
    const input = {
      networkId: b.floating_network_id,
      subnetId: b.subnet_id ?? null,
      target: b.port_id ? { port: b.port_id, fixedIp: b.fixed_ip_address ?? null } : null,
    };
    return labelled(ctx, { description: b.description }, async (joint) => {
      const whose = await whoseOf(joint, b);
      return (await inNeutronWords(() => createFloatingIp(joint, input, whose), { given })).id;
    });
  },
  update: async (ctx, one, given, row) => {
    const b = readAttributes(update, given, { put: true, first: FIRST });
    // Another address alone is one of the port that it leads to already.
    const port = b.port_id === undefined && b.fixed_ip_address ? row.portId : b.port_id;
    if (b.fixed_ip_address && !port)
      throw bad('Bad floatingip request: fixed_ip_address cannot be specified without a port_id.');
    await labelled(ctx, { description: b.description }, async (joint) => {
      const to = { instance: null, fixedIp: b.fixed_ip_address ?? null };
      if (port) await inNeutronWords(() => associate(joint, one, { port, ...to }), { id: one, given });
      else if (port !== undefined) await dissociate(joint, one);
      return one;
    });
  },
  remove: (ctx, one) => removeFloatingIp(ctx, one),
};
