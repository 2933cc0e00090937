import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import type { ComputeCtx } from '../../ctx.js';

// AES-256-GCM with a key of this service's component token. The one place that changes when the kit has its envelope.
const keyOf = ({ config }: Pick<ComputeCtx, 'config'>): Buffer =>
  Buffer.from(hkdfSync('sha256', config.NEFOS_COMPUTE_TOKEN, 'nefos', 'webhook secrets', 32));
const NONCE = 12;
const TAG = 16;

/** @param name what the secret belongs to: it opens under the same name only */
export const sealSecret = (ctx: Pick<ComputeCtx, 'config'>, name: string, secret: string): string => {
  const nonce = randomBytes(NONCE);
  const cipher = createCipheriv('aes-256-gcm', keyOf(ctx), nonce).setAAD(Buffer.from(name));
  const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), text]).toString('base64');
};
/** @throws Error: the key is another one, or the text was changed */
export const openSecret = (ctx: Pick<ComputeCtx, 'config'>, name: string, sealed: string): string => {
  const all = Buffer.from(sealed, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(ctx), all.subarray(0, NONCE))
    .setAAD(Buffer.from(name))
    .setAuthTag(all.subarray(NONCE, NONCE + TAG));
  return Buffer.concat([decipher.update(all.subarray(NONCE + TAG)), decipher.final()]).toString('utf8');
};
