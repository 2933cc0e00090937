import { isObject, objectOf, objectsOf, textOf } from '../../../values.js';
import type { Hook } from '../hook.js';
import { decodeLldp, tlvsOf } from '../lldp/decode.js';

/** What the switch behind each interface says of itself (contract §7, §7.2). */
export const lldpBasic: Hook = {
  name: 'lldp_basic',
  process: ({ data, skipped }) => {
    const all = objectOf(data.all_interfaces);
    const newer = objectOf(data.lldp_raw);
    for (const { name, lldp } of objectsOf(objectOf(data.inventory).interfaces)) {
      const key = textOf(name);
      const one = key !== undefined && Object.hasOwn(all, key) ? all[key] : undefined;
      if (key === undefined || !isObject(one)) continue;
      const tlvs = tlvsOf(Object.hasOwn(newer, key) ? newer[key] : lldp);
      if (tlvs.length > 0) one.lldp_processed = decodeLldp(tlvs, skipped);
    }
  },
};
