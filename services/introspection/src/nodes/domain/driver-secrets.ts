import { conflict, SecretError, type SealedColumn, type SecretBox } from '@nefos/service-kit';
import { isObject, setKey, type Json, type JsonObject } from '../../values.js';

/** How a secret is shown. A value that comes back like this stays what it is. */
export const MASK = '******';
/** Where secrets of `driver_info` stand. */
export const SEALED_DRIVER_INFO: SealedColumn = { table: 'node', column: 'sealed_driver_info', key: 'uuid' };

const NAME = /pass|pswd|secret|token|(?:^|_)key(?:_|s?$)|credential|private|configdrive|community/i;
/** A password in an address, as in `https://user:password@host`. */
const IN_ADDRESS = /:\/\/[^\s/:@]*:[^\s/@]*@/;
const holdsSecret = (value: Json): boolean => {
  if (typeof value === 'string') return IN_ADDRESS.test(value);
  if (Array.isArray(value)) return value.some(holdsSecret);
  return isObject(value) && Object.entries(value).some(([key, one]) => NAME.test(key) || holdsSecret(one));
};
/** Whether a key of `driver_info` is sealed: by its name, or since its value has a secret inside. */
export const isSecret = (key: string, value: Json): boolean => NAME.test(key) || holdsSecret(value);
/** The document with secrets masked, at any depth. */
export const masked = (document: JsonObject): JsonObject => {
  const shown: JsonObject = {};
  for (const [key, value] of Object.entries(document))
    setKey(shown, key, isSecret(key, value) && value !== null && value !== '' ? MASK : value);
  return shown;
};

/** `driver_info` as it is stored. */
export interface StoredDriverInfo {
  driverInfo: JsonObject;
  sealedDriverInfo: string | null;
}
type Secrets = { secrets: SecretBox };
const placeOf = (uuid: string) => ({ table: SEALED_DRIVER_INFO.table, column: SEALED_DRIVER_INFO.column, row: uuid });
const opened = ({ secrets }: Secrets, uuid: string, sealed: string | null): JsonObject =>
  sealed === null ? {} : (JSON.parse(secrets.open(sealed, placeOf(uuid))) as JsonObject);
/** `driver_info` with its secrets: for drivers, never for an answer or a log. */
export const driverInfoOf = (ctx: Secrets, node: StoredDriverInfo & { uuid: string }): JsonObject => {
  const secrets = opened(ctx, node.uuid, node.sealedDriverInfo);
  const info: JsonObject = {};
  for (const [key, value] of Object.entries(node.driverInfo))
    setKey(info, key, value === MASK && Object.hasOwn(secrets, key) ? secrets[key] : value);
  return info;
};
const noKey = () =>
  conflict('secrets.no_key', {
    message: 'Secrets of driver_info can not be sealed, or not be opened: the keys of this installation lack one.',
  });
/**
 * What to store of a `driver_info` as somebody gave it: secrets sealed and a mask in their place. A mask that was given
 * stands for the secret that is stored already.
 * @param before what is stored; absent: nothing yet
 * @throws Fault conflict secrets.no_key
 */
export const sealDriverInfo = (
  ...given: [ctx: Secrets, uuid: string, given: JsonObject, before?: StoredDriverInfo]
): StoredDriverInfo => {
  try {
    return sealed(...given);
  } catch (err) {
    throw err instanceof SecretError ? noKey() : err;
  }
};
const sealed = (
  ctx: Secrets,
  uuid: string,
  given: JsonObject,
  before: StoredDriverInfo = { driverInfo: {}, sealedDriverInfo: null },
): StoredDriverInfo => {
  const driverInfo = masked(given);
  const old = Object.values(driverInfo).includes(MASK) ? opened(ctx, uuid, before.sealedDriverInfo) : {};
  const secrets: JsonObject = {};
  for (const [key, value] of Object.entries(driverInfo))
    if (value === MASK) {
      const kept = given[key] === MASK && Object.hasOwn(old, key);
      setKey(secrets, key, kept ? old[key] : given[key]);
    }
  if (!Object.keys(secrets).length) return { driverInfo, sealedDriverInfo: null };
  const text = JSON.stringify(secrets);
  // A new envelope of the same secrets would be a change of the row.
  const same = before.sealedDriverInfo !== null && text === JSON.stringify(old);
  return { driverInfo, sealedDriverInfo: same ? before.sealedDriverInfo : ctx.secrets.seal(text, placeOf(uuid)) };
};
