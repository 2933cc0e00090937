import { textOf, type Json, type JsonObject } from '../../values.js';
import type { Reader } from './reader.js';
import type { Resource } from './session.js';

const hexOf = (value: Json | undefined): string | undefined =>
  /^0x([0-9a-f]{1,8})$/i.exec(textOf(value) ?? '')?.[1]?.toLowerCase();

/** PCIe functions as a ramdisk lists them: hexadecimal without `0x`. */
export const pciDevicesOf = async (reader: Reader, { body }: Resource): Promise<JsonObject[]> => {
  const found: JsonObject[] = [];
  for (const device of await reader.members(body.PCIeDevices))
    for (const fn of await reader.members(device.PCIeFunctions)) {
      const [vendor, product] = [hexOf(fn.VendorId), hexOf(fn.DeviceId)];
      if (vendor === undefined || product === undefined) continue;
      found.push({
        vendor_id: vendor,
        product_id: product,
        class: hexOf(fn.ClassCode) ?? '',
        revision: hexOf(fn.RevisionId) ?? '',
        bus: textOf(device.Id) ?? '',
        numa_node_id: null,
      });
    }
  return found;
};
