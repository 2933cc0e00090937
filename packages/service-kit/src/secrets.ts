import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';

// Secrets that a service has to show to others in clear, such as passwords of hypervisors, are stored in envelopes:
//   nefos1:<key id>:<base64url of nonce, tag and ciphertext>
// AES-256-GCM (NIST SP 800-38D) with a random nonce of 12 bytes and a tag of 16. What is authenticated beside the
// ciphertext is where it stands, so that an envelope opens in its own row and column only.

const FORM = 'nefos1';
const NONCE = 12;
const TAG = 16;
const KEY_BYTES = 32;
const ENVELOPE = /^nefos1:([0-9a-f]{8}):([A-Za-z0-9_-]{38,})$/;

/** Where a secret is stored. */
export interface SecretPlace {
  table: string;
  column: string;
  /** The row's primary key. */
  row: string;
}
/** A key of 32 bytes; its id is made of it, so that two keys do not have the same one by mistake. */
export interface SecretKey {
  id: string;
  key: Buffer;
}
export type SecretErrorCode = 'no_key' | 'unknown_key' | 'not_opened';
/** `no_key`: none is set; `unknown_key`: it is not among those that are set; `not_opened`: changed or moved. */
export class SecretError extends Error {
  readonly code: SecretErrorCode;
  /** The key that is wanted; null: any. */
  readonly keyId: string | null;
  constructor(code: SecretErrorCode, message: string, keyId: string | null) {
    super(message);
    this.name = 'SecretError';
    this.code = code;
    this.keyId = keyId;
  }
}
/** Seals and opens secrets. */
export interface SecretBox {
  /** Id of the key that seals; null: no key is set. */
  readonly keyId: string | null;
  /** @throws SecretError no_key */
  seal(secret: string, place: SecretPlace): string;
  /** @throws SecretError */
  open(envelope: string, place: SecretPlace): string;
}

const idOf = (key: Buffer): string =>
  createHash('sha256').update('nefos secret key id').update(key).digest('hex').slice(0, 8);
/** 32 bytes in base64 or base64url. @returns undefined for anything else */
const parseKey = (text: string): SecretKey | undefined => {
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text)) return undefined;
  const key = Buffer.from(text, 'base64');
  return key.length === KEY_BYTES ? { id: idOf(key), key } : undefined;
};
/** A new key, as `parseSecretKeys` reads it. */
export const newSecretKey = (): string => randomBytes(KEY_BYTES).toString('base64');
/**
 * Reads keys that are separated by blanks, line ends or commas: the first seals, all open.
 * @throws Error that names the place of the key that is none, never the key
 */
export const parseSecretKeys = (text: string): SecretKey[] => {
  const keys = text
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((one, at) => {
      const key = parseKey(one);
      if (!key) throw new Error(`key ${at + 1} is not 32 bytes in base64: make one by \`openssl rand -base64 32\``);
      return key;
    });
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error('a key is there twice');
  return keys;
};
/** How all envelopes of a key begin. */
export const envelopePrefix = (keyId: string): string => `${FORM}:${keyId}:`;

const bound = ({ table, column, row }: SecretPlace, keyId: string): Buffer =>
  Buffer.from(JSON.stringify([FORM, keyId, table, column, row]));
const named = ({ table, column, row }: SecretPlace): string => `${table}.${column} of ${row}`;

/** @param keys the first seals, all open; none: nothing can be sealed or opened */
export const createSecretBox = (keys: readonly SecretKey[]): SecretBox => {
  const [first] = keys;
  const set = keys.length ? `it has ${keys.map(({ id }) => id).join(', ')}` : 'it is not set';
  return {
    keyId: first?.id ?? null,
    seal: (secret, place) => {
      if (!first) throw new SecretError('no_key', 'no key for secrets is set: NEFOS_SECRET_KEYS', null);
      const nonce = randomBytes(NONCE);
      const cipher = createCipheriv('aes-256-gcm', first.key, nonce, { authTagLength: TAG });
      cipher.setAAD(bound(place, first.id));
      const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
      return `${envelopePrefix(first.id)}${Buffer.concat([nonce, cipher.getAuthTag(), sealed]).toString('base64url')}`;
    },
    open: (envelope, place) => {
      const [, id, text] = ENVELOPE.exec(envelope) ?? [];
      if (id === undefined || text === undefined)
        throw new SecretError('not_opened', `${named(place)} is no sealed secret`, null);
      const key = keys.find((one) => one.id === id)?.key;
      if (!key)
        throw new SecretError(
          keys.length ? 'unknown_key' : 'no_key',
          `${named(place)} is sealed with key ${id}, which NEFOS_SECRET_KEYS does not have (${set})`,
          id,
        );
      const data = Buffer.from(text, 'base64url');
      const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE), { authTagLength: TAG });
      decipher.setAAD(bound(place, id));
      decipher.setAuthTag(data.subarray(NONCE, NONCE + TAG));
      try {
        return Buffer.concat([decipher.update(data.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
      } catch {
        throw new SecretError(
          'not_opened',
          `${named(place)} does not open with its key ${id}: it was changed, or moved here from another row`,
          id,
        );
      }
    },
  };
};
