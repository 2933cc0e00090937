// @ts-check
// What an OpenStack has, asked as its administrator and without the driver.

const FINDS = { identity: 'identity', compute: 'compute', image: 'image', network: 'network', volume: 'volumev3' };
const VERSION = { identity: '', compute: '', image: '/v2', network: '/v2.0', volume: '' };

/** @typedef {Awaited<ReturnType<typeof openCloud>>} Cloud */
/** @param {import('./openstack-peer.mjs').Peer} peer */
export const openCloud = async ({ settings, secrets }) => {
  const domain = { name: 'Default' };
  const user = { name: settings.username, domain, password: secrets.password };
  const scope = { project: { name: settings.project, domain } };
  /** @type {any} */ let token;
  let id = '';
  /** Once more, when the catalog has changed. */
  const signIn = async () => {
    const signedIn = await fetch(`${settings.auth_url}/auth/tokens`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } }, scope } }),
    });
    ({ token } = /** @type {any} */ (await signedIn.json()));
    id = signedIn.headers.get('x-subject-token') ?? '';
  };
  await signIn();
  /** @param {keyof typeof FINDS} service */
  const address = (service) => {
    if (service === 'identity') return settings.auth_url;
    const { endpoints } = token.catalog.find((/** @type {any} */ one) => one.type === FINDS[service]);
    const { url } = endpoints.find((/** @type {any} */ one) => one.interface === 'public');
    return url.replace(/\/$/, '').replace(/\/v2(\.0)?$/, '') + VERSION[service];
  };
  /**
   * @param {keyof typeof FINDS} service @param {string} at
   * @param {{ method?: string, body?: unknown, data?: Buffer }} [options]
   * @returns {Promise<any>}
   */
  const ask = async (service, at, { method = 'GET', body, data } = {}) => {
    const res = await fetch(address(service) + at, {
      method,
      headers: {
        'X-Auth-Token': id,
        'OpenStack-API-Version': service === 'volume' ? 'volume 3.59' : 'compute 2.90',
        'Content-Type': data ? 'application/octet-stream' : 'application/json',
      },
      ...(data ? { body: data } : body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await res.text();
    if (!res.ok) throw new Error(`${method} ${service} ${at} answered ${res.status} ${text.slice(0, 300)}`);
    return text ? JSON.parse(text) : undefined;
  };
  return {
    ask,
    signIn,
    /** @returns {Promise<any[]>} servers of all projects that are there, the first made first */
    servers: async () =>
      (await ask('compute', '/servers/detail?all_tenants=1&sort_key=created_at&sort_dir=asc')).servers.filter(
        (/** @type {any} */ one) => !['DELETED', 'SOFT_DELETED'].includes(one.status),
      ),
    /** @returns {Promise<any[]>} images that were made of machines */
    snapshots: async () =>
      (await ask('image', '/images?limit=500')).images.filter((/** @type {any} */ one) => one.pcp_image_id),
    /** @returns {Promise<any[]>} key pairs of the administrator */
    keyPairs: async () => (await ask('compute', '/os-keypairs')).keypairs,
    /** @returns {Promise<any[]>} ports of machines, and those that no machine has */
    ports: async () =>
      (await ask('network', '/ports')).ports.filter(
        (/** @type {any} */ one) => !one.device_owner || one.device_owner.startsWith('compute:'),
      ),
    /**
     * How often each of Nova's actions was begun on a server.
     * @param {string} server @returns {Promise<Record<string, number>>}
     */
    actions: async (server) => {
      /** @type {Record<string, number>} */
      const count = {};
      for (const { action } of (await ask('compute', `/servers/${server}/os-instance-actions`)).instanceActions)
        count[action] = (count[action] ?? 0) + 1;
      return count;
    },
    /** An ISO image that machines can be rescued with, for all projects. */
    makeIso: async () => {
      const made = await ask('image', '/images', {
        method: 'POST',
        body: {
          name: 'interop-iso',
          visibility: 'public',
          disk_format: 'iso',
          container_format: 'bare',
          hw_rescue_device: 'cdrom',
          hw_rescue_bus: 'ide',
        },
      });
      await ask('image', `/images/${made.id}/file`, { method: 'PUT', data: Buffer.alloc(2048) });
      return made.id;
    },
    /** @param {string} image */
    deleteImage: (image) => ask('image', `/images/${image}`, { method: 'DELETE' }),
  };
};
