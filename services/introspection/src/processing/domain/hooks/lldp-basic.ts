import { isObject, objectOf, objectsOf, textOf, valueAt } from '../../../values.js';
import type { Hook } from '../hook.js';
import { decodeLldp, lldpOf } from '../lldp/decode.js';

/** What the switch behind each interface says of itself (contract §7, §7.2). */
export const lldpBasic: Hook = {
  name: 'lldp_basic',
  process: ({ data, skipped }) => {
    const all = objectOf(data.all_interfaces);
    for (const { name, lldp } of objectsOf(objectOf(data.inventory).interfaces)) {
      const key = textOf(name);
      const one = key === undefined ? undefined : valueAt(all, key);
      if (key === undefined || !isObject(one)) continue;
      const said = decodeLldp(lldpOf(data, key, lldp), skipped);
      if (Object.keys(said).length > 0) one.lldp_processed = said;
    }
  },
};
