import type { Json, JsonObject } from '../../values.js';

/** `driver_info` of a Redfish node, read (contract §10.1). */
export interface RedfishOptions {
  /** Scheme, host and port. */
  origin: string;
  /** Without brackets. */
  host: string;
  /** Path of the service root, with a slash at the end. */
  root: string;
  /** Path of the system; undefined: the only one that the BMC has. */
  system: string | undefined;
  username: string | undefined;
  password: string | undefined;
  authentication: 'basic' | 'session' | 'auto';
  /** `true`: by the certificates of this machine; else by those of this file, a name or a path. */
  verify: boolean | string;
}

const LONGEST = 1024;
const TRUE = new Set(['true', 't', '1', 'on', 'y', 'yes']);
const FALSE = new Set(['false', 'f', '0', 'off', 'n', 'no']);
/** A flag, as the original's clients write it: on their command line every value is text. */
const flagOf = (value: Json | undefined): boolean | undefined => {
  if (typeof value === 'boolean') return value;
  const word = JSON.stringify(value ?? null)
    .replaceAll('"', '')
    .trim()
    .toLowerCase();
  return TRUE.has(word) ? true : FALSE.has(word) ? false : undefined;
};
/** undefined: absent; false: not a text that can be sent. */
const textIn = (info: JsonObject, key: string): string | undefined | false => {
  const value = info[key];
  if (value === undefined || value === null || value === '') return undefined;
  return typeof value === 'string' && value.length <= LONGEST && !/\p{Cc}/u.test(value) ? value : false;
};
const urlOf = (address: string): URL | undefined => {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(address) ? address : `https://${address}`;
  if (!URL.canParse(whole)) return undefined;
  const url = new URL(whole);
  const isPlain = !url.username && !url.password && !url.search && !url.hash;
  return /^https?:$/.test(url.protocol) && url.hostname !== '' && isPlain ? url : undefined;
};

const verifyOf = (info: JsonObject): boolean | string | undefined => {
  const value = info.redfish_verify_ca;
  if (value === undefined || value === null) return true;
  const file = textIn(info, 'redfish_verify_ca');
  return flagOf(value) ?? (typeof file === 'string' && /[./]/.test(file) ? file : undefined);
};

/** @returns the options, or why there are none: a sentence without secrets */
export const readRedfishOptions = (info: JsonObject): RedfishOptions | string => {
  const address = textIn(info, 'redfish_address');
  if (address === undefined) return 'driver_info has no redfish_address.';
  const url = address === false ? undefined : urlOf(address);
  if (!url) return 'redfish_address is no http or https URL with a host and a path only.';
  const [system, username, password] = ['redfish_system_id', 'redfish_username', 'redfish_password'].map((key) =>
    textIn(info, key),
  );
  if (system === false || (system !== undefined && !/^\/[^/]/.test(system)))
    return 'redfish_system_id is no path, such as /redfish/v1/Systems/1.';
  if (username === false || username?.includes(':')) return 'redfish_username is no name that can be sent.';
  if (password === false) return 'redfish_password is no text that can be sent.';
  const authentication = info.redfish_auth_type ?? 'auto';
  if (authentication !== 'basic' && authentication !== 'session' && authentication !== 'auto')
    return 'redfish_auth_type is none of basic, session, auto.';
  if (authentication !== 'auto' && (username === undefined || password === undefined))
    return `redfish_auth_type ${authentication} needs redfish_username and redfish_password.`;
  const verify = verifyOf(info);
  if (verify === undefined) return 'redfish_verify_ca is neither true, false nor a file of certificates.';
  return {
    origin: url.origin,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    root: url.pathname === '/' ? '/redfish/v1/' : url.pathname.replace(/\/?$/, '/'),
    system,
    username,
    password,
    authentication,
    verify,
  };
};
