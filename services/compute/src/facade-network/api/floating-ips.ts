import { facadeNetwork } from '@nefos/contracts';
import { z } from 'zod';
import { faceFault } from '../../facade/api/refused.js';
import { associate, createFloatingIp, dissociate, removeFloatingIp } from '../../networking/domain/floating-ips.js';
import { floatingStore, labelled } from '../domain/resources.js';
import { readAttributes } from './attributes.js';
import { commonView, demandId, description, id, projectFields, whoseOf, type Labelled } from './common.js';
import type { Resource } from './resource.js';

interface Row extends Labelled {
  address: string | null;
  networkId: string;
  portId: string | null;
  fixedAddress: string | null;
  status: string;
  routerId: string | null;
}
const ip = z.union([z.ipv4(), z.ipv6()]);
const port = z.union([id, z.literal('')]).nullish();
const writable = { description: description.optional(), port_id: port, fixed_ip_address: ip.nullish() };
const create = z.strictObject({
  ...writable,
  ...projectFields,
  floating_network_id: id,
  floating_ip_address: ip.optional(),
  subnet_id: z.null().optional(),
  dns_name: z.literal('').nullish(),
  dns_domain: z.literal('').nullish(),
  qos_policy_id: z.null().optional(),
});
const update = z.strictObject({ ...writable, qos_policy_id: z.null().optional() });
const demandPort = (one: string): void => demandId('port', one);

export const floatingIpResource: Resource<Row> = {
  contracts: facadeNetwork.floatingIps,
  singular: 'floatingip',
  plural: 'floatingips',
  absent: { type: 'FloatingIPNotFound', message: (one) => `Floating IP ${one} could not be found` },
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
    const network = b.floating_network_id;
    demandId('network', network);
    if (b.floating_ip_address !== undefined)
      throw faceFault(
        'invalid',
        'Invalid input for floating_ip_address. Reason: addresses are chosen here.',
        'HTTPBadRequest',
      );
    if (b.port_id) demandPort(b.port_id);
    const target = b.port_id ? { port: b.port_id, fixedIp: b.fixed_ip_address ?? null } : null;
    return labelled(
      ctx,
      { description: b.description },
      async (joint) => (await createFloatingIp(joint, { networkId: network, target }, whoseOf(joint, b))).id,
    );
  },
  update: async (ctx, one, given) => {
    const b = readAttributes(update, given);
    if (b.port_id) demandPort(b.port_id);
    await labelled(ctx, { description: b.description }, async (joint) => {
      if (b.port_id)
        await associate(joint, one, { port: b.port_id, instance: null, fixedIp: b.fixed_ip_address ?? null });
      else if (b.port_id !== undefined) await dissociate(joint, one);
      return one;
    });
  },
  remove: (ctx, one) => removeFloatingIp(ctx, one),
};
