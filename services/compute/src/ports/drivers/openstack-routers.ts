import type { RouterSpec } from '../driver-networks.js';
import { hasCode } from './openstack-errors.js';
import type { Neutron, Thing } from './openstack-neutron.js';

interface Router extends Thing {
  external_gateway_info: { network_id: string } | null;
}
interface Interface extends Thing {
  device_owner: string;
  fixed_ips: { subnet_id: string }[];
}
/** Of distributed and of highly available routers they have names of their own. */
const INTERFACE = /^network:(ha_)?router_(interface|replicated_interface|interface_distributed)$/;

/** Routers, and what is connected to them. */
export const createRouters = (neutron: Neutron) => {
  const connected = async (router: string): Promise<string[]> =>
    (await neutron.listed<Interface>('port', { device_id: router }))
      .filter(({ device_owner: owner }) => INTERFACE.test(owner))
      .flatMap(({ fixed_ips: ips }) => ips.map(({ subnet_id: subnet }) => subnet));
  const turn = (router: string, verb: 'add' | 'remove', subnet: string): Promise<unknown> =>
    neutron.call('PUT', `/routers/${router}/${verb}_router_interface`, { subnet_id: subnet });
  /** Connects exactly these subnets. */
  const connect = async (router: string, wanted: readonly string[]): Promise<void> => {
    const found = await connected(router);
    for (const subnet of new Set(found)) if (!wanted.includes(subnet)) await disconnect(router, subnet);
    for (const subnet of wanted)
      if (!found.includes(subnet))
        try {
          await turn(router, 'add', subnet);
        } catch (err) {
          // Another process was faster.
          if (!hasCode(err, 'INVALID_REQUEST') || !(await connected(router)).includes(subnet)) throw err;
        }
  };
  const disconnect = async (router: string, subnet: string): Promise<void> => {
    try {
      await turn(router, 'remove', subnet);
    } catch (err) {
      if (!hasCode(err, 'NOT_FOUND')) throw err;
    }
  };
  return {
    ensure: async (spec: RouterSpec, project: object): Promise<string> => {
      const external = spec.external && (await neutron.idOf('network', spec.external));
      const subnets: string[] = [];
      for (const one of spec.subnets) subnets.push(await neutron.idOf('subnet', one));
      const gateway = external === null ? null : { network_id: external };
      const { id } = await neutron.ensure<Router>(
        'router',
        spec,
        () => Promise.resolve({ ...project, name: spec.name, ...(gateway && { external_gateway_info: gateway }) }),
        (found) => ({
          ...(found.name !== spec.name && { name: spec.name }),
          ...((found.external_gateway_info?.network_id ?? null) !== external && { external_gateway_info: gateway }),
        }),
      );
      await connect(id, subnets);
      return id;
    },
    /** Nothing is connected to it any more. */
    clear: (router: string): Promise<void> => connect(router, []),
  };
};
