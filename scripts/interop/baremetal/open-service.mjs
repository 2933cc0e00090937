// @ts-check
// Introspection alone and open to everybody on this computer, as programs want it that bring no token.
import { randomBytes } from 'node:crypto';
import { startService, withDatabases } from '../../bench/lib-service.mjs';

/**
 * @template T
 * @param {number} port
 * @param {(port: number) => Promise<T>} work
 * @param {Record<string, string>} [settings] more
 */
export const withOpenService = (port, work, settings = {}) =>
  withDatabases(['introspection'], async ({ urls: { introspection: url = '' } }) => {
    const { stop } = await startService('introspection', {
      NEFOS_INTROSPECTION_DATABASE_URL: url,
      NEFOS_INTROSPECTION_TOKEN: randomBytes(24).toString('hex'),
      NEFOS_SECRET_KEYS: randomBytes(32).toString('base64'),
      NEFOS_INTROSPECTION_AUTH: 'noauth',
      NEFOS_INTROSPECTION_PORT: String(port),
      NEFOS_INTROSPECTION_DELAY: '0',
      NEFOS_INTROSPECTION_BMC_NETWORKS: '127.0.0.0/8',
      ...settings,
    });
    try {
      return await work(port);
    } finally {
      await stop();
    }
  });
