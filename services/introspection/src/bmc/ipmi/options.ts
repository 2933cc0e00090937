import { wholeOf, type Json, type JsonObject } from '../../values.js';

/** `driver_info` of an IPMI node, read (contract §10.2). */
export interface IpmiOptions {
  host: string;
  port: number;
  username: string | undefined;
  password: string;
  privilege: string;
  /** ipmitool's name of the protocol: 2.0, 1.5. */
  protocol: 'lanplus' | 'lan';
  cipherSuite: number | undefined;
}
const PRIVILEGES = ['ADMINISTRATOR', 'OPERATOR', 'USER', 'CALLBACK'];
const PROTOCOLS: Record<string, IpmiOptions['protocol']> = { '2.0': 'lanplus', '1.5': 'lan' };

const isAbsent = (value: Json | undefined): boolean => value === undefined || value === null || value === '';
const isText = (value: Json | undefined, longest: number): value is string =>
  typeof value === 'string' && value.length <= longest && !/\p{Cc}/u.test(value);
/** undefined: no whole number from `min` to `max`. */
const wholeIn = (value: Json | undefined, min: number, max: number): number | undefined => {
  const n = wholeOf(value);
  return n !== undefined && n >= min && n <= max ? n : undefined;
};

/** @returns the options, or why there are none: a sentence without secrets */
export const readIpmiOptions = (info: JsonObject): IpmiOptions | string => {
  const { ipmi_address: address, ipmi_username: username, ipmi_password: password } = info;
  if (isAbsent(address)) return 'driver_info has no ipmi_address.';
  if (!isText(address, 255) || !/^[\w.:[\]-]+$/.test(address)) return 'ipmi_address is no address or host name.';
  // Of IPMI itself: 16 octets of a name; of a password 20, and 16 in version 1.5.
  if (!isAbsent(username) && !isText(username, 64)) return 'ipmi_username is no name that can be sent.';
  if (!isAbsent(password) && !isText(password, 64)) return 'ipmi_password is no text that can be sent.';
  const port = isAbsent(info.ipmi_port) ? 623 : wholeIn(info.ipmi_port, 1, 65_535);
  if (port === undefined) return 'ipmi_port is no port.';
  const privilege = isAbsent(info.ipmi_priv_level) ? 'ADMINISTRATOR' : info.ipmi_priv_level;
  if (typeof privilege !== 'string' || !PRIVILEGES.includes(privilege))
    return `ipmi_priv_level is none of ${PRIVILEGES.join(', ')}.`;
  const version = isAbsent(info.ipmi_protocol_version) ? '2.0' : info.ipmi_protocol_version;
  const protocol = typeof version === 'string' ? PROTOCOLS[version] : undefined;
  if (protocol === undefined) return 'ipmi_protocol_version is none of 2.0, 1.5.';
  const suite = info.ipmi_cipher_suite;
  const cipherSuite = isAbsent(suite) ? undefined : wholeIn(suite, 0, 17);
  if (cipherSuite === undefined && !isAbsent(suite)) return 'ipmi_cipher_suite is no whole number from 0 to 17.';
  if (!isAbsent(info.ipmi_bridging) && info.ipmi_bridging !== 'no')
    return 'ipmi_bridging is not supported: only "no" is.';
  return {
    host: address.replace(/^\[(.*)\]$/, '$1'),
    port,
    username: isAbsent(username) ? undefined : (username as string),
    password: isAbsent(password) ? '' : (password as string),
    privilege,
    protocol,
    cipherSuite,
  };
};
