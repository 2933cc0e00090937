import { ipOf } from '../../addresses.js';
import { textOf, type JsonObject } from '../../values.js';

/** Where `driver_info` may name the BMC, the first that does counts (contract introspection §6.1). */
export const BMC_ADDRESS_FIELDS = [
  'ipmi_address',
  'redfish_address',
  'ilo_address',
  'drac_host',
  'drac_address',
  'ibmc_address',
];
/** The host part of an address or URL: brackets, port, path and credentials taken away. */
export const hostOf = (address: string): string => {
  const rest = address.trim().replace(/^[a-z][a-z0-9+.-]*:\/\//i, '');
  const host = (rest.split(/[/?#]/, 1)[0] ?? '').replace(/^.*@/, '');
  const [, bracketed] = /^\[([^\]]*)\]/.exec(host) ?? [];
  if (bracketed !== undefined) return bracketed;
  return host.split(':').length > 2 ? host : host.replace(/:\d*$/, '');
};
/** The BMC's host of a `driver_info`: an address in its one spelling, or a name in lower case; null: none is named. */
export const bmcHostOf = (driverInfo: JsonObject, fields: readonly string[] = BMC_ADDRESS_FIELDS): string | null => {
  for (const field of fields) {
    const named = textOf(driverInfo[field]);
    const host = named === undefined ? '' : hostOf(named.slice(0, 2048));
    if (host) return (ipOf(host) ?? host.toLowerCase()).slice(0, 255);
  }
  return null;
};
