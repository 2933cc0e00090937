import axios from 'axios';
import type { IntrospectionConfig } from '../config.js';
import type { JsonObject } from '../values.js';

/** A callback waits for a busy node up to 30 s (contract §2.10). */
const TIMEOUT_MS = 40_000;

/** Posts what a simulated ramdisk reports. @returns the status */
export const postReport = async (
  config: Pick<IntrospectionConfig, 'NEFOS_INTROSPECTION_CALLBACK_URL' | 'NEFOS_INTROSPECTION_PORT'>,
  report: JsonObject,
): Promise<number> => {
  const own = `http://127.0.0.1:${config.NEFOS_INTROSPECTION_PORT}/v1/continue`;
  const { status } = await axios.post(config.NEFOS_INTROSPECTION_CALLBACK_URL ?? own, report, {
    timeout: TIMEOUT_MS,
    maxRedirects: 0,
    proxy: false,
    validateStatus: null,
    responseType: 'text',
    maxContentLength: 1024 * 1024,
  });
  return status;
};
