import { inNetwork, ipOf, macOf, networkOf } from '../../../addresses.js';
import { objectOf, objectsOf } from '../../../values.js';
import type { Hook } from '../hook.js';

/** The physical network of a port follows from the address of its interface (contract §7). */
export const physnetCidrMap: Hook = {
  name: 'physnet_cidr_map',
  process: ({ data, machine, settings }) => {
    const ports = new Map(machine.ports.map((port) => [macOf(port.address), port]));
    for (const one of objectsOf(objectOf(data.inventory).interfaces)) {
      const port = ports.get(macOf(one.mac_address));
      const ip = ipOf(one.ipv4_address) ?? ipOf(one.ipv6_address);
      if (!port || ip === undefined) continue;
      const found = settings.physicalNetworks.find(({ cidr }) => {
        const network = networkOf(cidr);
        return network !== undefined && inNetwork(ip, network);
      });
      if (found && (settings.overwriteExisting || !port.physical_network)) port.physical_network = found.name;
    }
  },
};
