import type { ComputeDriver } from '../driver.js';
import type { Servers } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

/** The standard form, which Nova has from microversion 2.48 on; its figures may be missing. */
interface Diagnostics {
  nic_details?: { mac_address?: string | null; rx_octets?: number | null; tx_octets?: number | null }[] | null;
}
/** What a server's interfaces have carried, as its hypervisor tells Nova; only of one that runs. */
export const createCounterCalls = (session: Session, servers: Servers) =>
  ({
    counters: async (ref) => {
      const { id } = await servers.demand(ref);
      const { body } = await session.call<Diagnostics>({
        service: 'compute',
        method: 'GET',
        path: `/servers/${encodeURIComponent(id)}/diagnostics`,
      });
      return (body.nic_details ?? []).flatMap(({ mac_address: mac, rx_octets: rx, tx_octets: tx }) =>
        mac == null || rx == null || tx == null ? [] : [{ mac, rx: BigInt(rx), tx: BigInt(tx) }],
      );
    },
  }) satisfies Partial<ComputeDriver>;
