// @ts-check
// A Nefos whose machines stand on this computer, and who uses it: an operator, and a user who may nothing here.
import { setTimeout as sleep } from 'node:timers/promises';
import { startPrivateStack } from '../../lib/private-stack.mjs';

/** @typedef {Awaited<ReturnType<typeof startWorld>>} World */

/**
 * Settings that sign somebody in.
 * @param {string} gateway @param {{ email: string, password: string, uuid: string }} who
 */
const signIn = (gateway, { email, password, uuid }) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('OS_'))),
  OS_AUTH_URL: `${gateway}/identity`,
  OS_USERNAME: email,
  OS_PASSWORD: password,
  OS_PROJECT_ID: uuid,
  OS_USER_DOMAIN_NAME: 'Default',
  OS_IDENTITY_API_VERSION: '3',
});

export const startWorld = async () => {
  const stack = await startPrivateStack({
    // BMCs of this test listen here; without the setting loopback is refused.
    NEFOS_INTROSPECTION_BMC_NETWORKS: '127.0.0.0/8',
    NEFOS_INTROSPECTION_DELAY: '0',
    NEFOS_INTROSPECTION_CLEAN_UP_PERIOD: '2',
    // Those of the original's default, and what its client shows of switches.
    NEFOS_INTROSPECTION_HOOKS:
      'ramdisk_error,root_disk_selection,scheduler,validate_interfaces,capabilities,pci_devices,' +
      'lldp_basic,local_link_connection',
  });
  const { admin, user } = stack.credentials.identity;
  /**
   * @param {string} method @param {string} at path on the gateway @param {unknown} [body]
   * @returns {Promise<{ status: number, body: any }>}
   */
  const call = async (method, at, body) => {
    const res = await fetch(stack.gateway + at, {
      method,
      headers: {
        'X-Auth-Token': admin.token,
        'X-OpenStack-Ironic-API-Version': '1.96',
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await res.text();
    try {
      return { status: res.status, body: text ? JSON.parse(text) : undefined };
    } catch {
      return { status: res.status, body: text };
    }
  };
  return {
    ...stack,
    call,
    envs: {
      user: signIn(stack.gateway, admin),
      // Their catalog does not have the services.
      stranger: { ...signIn(stack.gateway, user), INSPECTOR_URL: stack.gateway },
    },
    project: admin.uuid,
  };
};
/**
 * Looks again and again.
 * @template T
 * @param {() => Promise<T | undefined>} look
 * @returns {Promise<T | undefined>} undefined: it has not come in time
 */
export const eventually = async (look, seconds = 60) => {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
    const seen = await look();
    if (seen !== undefined) return seen;
  }
  return undefined;
};
