import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

// Keys in the formats of OpenSSH: public ones as a line of `authorized_keys` without options (RFC 4253 §6.6, RFC 5656
// §3.1, RFC 8709 §4, OpenSSH's PROTOCOL.u2f), private ones as `openssh-key-v1`.

const MIN_RSA_BITS = 2048;
const MAX_RSA_BITS = 16_384;
const MAX_COMMENT = 255;
/** Ends of lines and control characters. */
const NO_TEXT = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** Bytes of a point on the curve. */
const CURVES: Record<string, number> = { nistp256: 65, nistp384: 97, nistp521: 133 };

/** A public key as it is kept. */
export interface PublicKey {
  /** One line: type, key, comment. */
  line: string;
  /** MD5 of the key, in pairs of digits with colons. */
  fingerprint: string;
}

/** The fields of a key's bytes; undefined when they are not whole, or more follows. */
const fieldsOf = (bytes: Buffer): Buffer[] | undefined => {
  const fields: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    if (at + 4 > bytes.length || fields.length > 8) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    fields.push(bytes.subarray(at + 4, end));
    at = end;
  }
  return fields;
};
const bitsOf = (mpint: Buffer): number => {
  const first = mpint.findIndex((byte) => byte !== 0);
  return first < 0 ? 0 : (mpint.length - first) * 8 - Math.clz32(mpint[first] as number) + 24;
};
const isPoint = (curve: string | undefined, point: Buffer | undefined): boolean =>
  point?.[0] === 4 && point.length === CURVES[curve ?? ''];
/** Whether the fields after the type are those of such a key. */
const isKey = (type: string, fields: readonly Buffer[]): boolean => {
  const [one, two, three] = fields;
  const curve = one?.toString('latin1');
  switch (type) {
    case 'ssh-ed25519':
      return fields.length === 1 && one?.length === 32;
    case 'sk-ssh-ed25519@openssh.com':
      return fields.length === 2 && one?.length === 32 && (two?.length ?? 0) > 0;
    case 'ecdsa-sha2-nistp256':
    case 'ecdsa-sha2-nistp384':
    case 'ecdsa-sha2-nistp521':
      return fields.length === 2 && type.endsWith(`-${curve}`) && isPoint(curve, two);
    case 'sk-ecdsa-sha2-nistp256@openssh.com':
      return fields.length === 3 && curve === 'nistp256' && isPoint(curve, two) && (three?.length ?? 0) > 0;
    case 'ssh-rsa': {
      const bits = two ? bitsOf(two) : 0;
      return fields.length === 2 && bitsOf(one as Buffer) > 1 && bits >= MIN_RSA_BITS && bits <= MAX_RSA_BITS;
    }
    default:
      return false;
  }
};
/** MD5 of a key's bytes, as `ssh-keygen -l -E md5` prints it. It names the key and protects nothing. */
const md5Of = (bytes: Buffer): string =>
  (createHash('md5').update(bytes).digest('hex').match(/../g) as RegExpMatchArray).join(':');

/** A public key as somebody pastes it; undefined when it is none that OpenSSH takes today. */
export const readPublicKey = (text: string): PublicKey | undefined => {
  const [type = '', base64 = '', ...words] = text.trim().split(/[ \t]+/);
  const comment = words.join(' ');
  // A second line, or a control character in the comment, could be an entry of its own.
  if (comment.length > MAX_COMMENT || NO_TEXT.test(text.trim().replaceAll('\t', ' '))) return undefined;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64) || base64.length % 4 !== 0) return undefined;
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.toString('base64') !== base64) return undefined;
  const [name, ...fields] = fieldsOf(bytes) ?? [];
  if (name?.toString('latin1') !== type || !isKey(type, fields)) return undefined;
  return { line: [type, base64, comment].filter(Boolean).join(' '), fingerprint: md5Of(bytes) };
};

const text = (bytes: Buffer | string): Buffer => {
  const value = Buffer.from(bytes as string);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(value.length);
  return Buffer.concat([length, value]);
};
const number = (n: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(n);
  return bytes;
};
/** A new pair of kind ed25519. @param name goes into both as the comment, unless it is more than one line of text */
export const makeKeyPair = (name: string): PublicKey & { privateKey: string } => {
  const comment = NO_TEXT.test(name) ? '' : name;
  const jwk = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });
  const [secret, open] = [Buffer.from(jwk.d as string, 'base64url'), Buffer.from(jwk.x as string, 'base64url')];
  const bytes = Buffer.concat([text('ssh-ed25519'), text(open)]);
  const check = randomBytes(4);
  const inner = Buffer.concat([
    check,
    check,
    text('ssh-ed25519'),
    text(open),
    text(Buffer.concat([secret, open])),
    text(comment),
  ]);
  const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (inner.length % 8)) % 8));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    text('none'),
    text('none'),
    text(''),
    number(1),
    text(bytes),
    text(Buffer.concat([inner, padding])),
  ]);
  const lines = (whole.toString('base64').match(/.{1,70}/g) as RegExpMatchArray).join('\n');
  return {
    line: ['ssh-ed25519', bytes.toString('base64'), comment].filter(Boolean).join(' '),
    fingerprint: md5Of(bytes),
    privateKey: `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`,
  };
};
