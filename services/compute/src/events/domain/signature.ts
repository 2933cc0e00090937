import { createHmac, randomBytes } from 'node:crypto';

const PREFIX = 'whsec_';
export const newSecret = (): string => PREFIX + randomBytes(32).toString('base64');
/**
 * The headers of a delivery, as Standard Webhooks has them (https://www.standardwebhooks.com): the signature covers id,
 * time and body.
 * @param seconds since 1970
 */
export const signedHeaders = (secret: string, id: string, seconds: number, body: string): Record<string, string> => ({
  'webhook-id': id,
  'webhook-timestamp': String(seconds),
  'webhook-signature': `v1,${createHmac('sha256', Buffer.from(secret.slice(PREFIX.length), 'base64'))
    .update(`${id}.${seconds}.${body}`)
    .digest('base64')}`,
});
