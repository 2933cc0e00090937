import axios from 'axios';
import type { IntrospectionConfig } from '../config.js';
import type { JsonObject } from '../values.js';

/** A callback waits for a busy node up to 30 s (contract §2.10). */
const TIMEOUT_MS = 40_000;

const ownUrl = (config: IntrospectionConfig): string => {
  const { NEFOS_SERVICES_HOST: host, NEFOS_INTROSPECTION_PORT: port } = config;
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}/v1/continue`;
};
/** Posts what a simulated ramdisk reports. @returns the status @throws Error without what was sent */
export const postReport = async (config: IntrospectionConfig, report: JsonObject): Promise<number> => {
  const url = config.NEFOS_INTROSPECTION_CALLBACK_URL ?? ownUrl(config);
  try {
    const { status } = await axios.post(url, report, {
      timeout: TIMEOUT_MS,
      maxRedirects: 0,
      proxy: false,
      validateStatus: null,
      responseType: 'text',
      maxContentLength: 1024 * 1024,
    });
    return status;
  } catch (err) {
    throw new Error(`the report of a simulated machine was not taken: ${(err as Error).message}`);
  }
};
