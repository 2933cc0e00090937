import { macOf } from '../../../addresses.js';
import { objectOf, objectsOf, textOf } from '../../../values.js';
import type { Hook } from '../hook.js';
import { chassisMac, portId } from '../lldp/addresses.js';
import { lldpOf, type Tlv } from '../lldp/decode.js';
import { TlvReader } from '../lldp/read.js';

const CHASSIS_ID = 1;
const PORT_ID = 2;
const first = (tlvs: readonly Tlv[], type: number, read: (from: TlvReader) => string | undefined) => {
  for (const tlv of tlvs)
    if (tlv.type === type)
      try {
        return read(new TlvReader(tlv.value));
      } catch {
        return undefined;
      }
  return undefined;
};

/** Which port of which switch a port hangs at (contract §7). */
export const localLinkConnection: Hook = {
  name: 'local_link_connection',
  after: ['lldp_basic'],
  process: ({ data, machine, settings }) => {
    const ports = new Map(machine.ports.map((port) => [macOf(port.address), port]));
    for (const one of objectsOf(objectOf(data.inventory).interfaces)) {
      const port = ports.get(macOf(one.mac_address));
      if (!port) continue;
      const tlvs = lldpOf(data, textOf(one.name) ?? '', one.lldp);
      const found = { switch_id: first(tlvs, CHASSIS_ID, chassisMac), port_id: first(tlvs, PORT_ID, portId) };
      for (const [key, value] of Object.entries(found))
        if (value !== undefined && (settings.overwriteExisting || !port.local_link_connection[key]))
          port.local_link_connection[key] = value;
    }
  },
};
