// @ts-check
// A region of a Nefos that is a real OpenStack.
import { setTimeout as sleep } from 'node:timers/promises';

export const REGION = 'Region1';
const CLIENT = 599151;
/** No server, image, key pair or port stays behind longer. */
const CLEARED_SECONDS = 180;

/** @typedef {Awaited<ReturnType<typeof makeRegion>>} Region */
/**
 * @param {import('./portal.mjs').Portal} portal @param {import('./openstack-cloud.mjs').Cloud} cloud
 * @param {import('./openstack-peer.mjs').Peer} peer @param {import('./reporter.mjs').Reporter} reporter
 */
export const makeRegion = async (portal, cloud, { settings, secrets }, { check }) => {
  const before = (await cloud.servers()).map(({ id }) => id);
  /** @type {string[]} */
  const made = [];
  await check('a region gets its driver; the password is not answered', async () => {
    const set = await portal.call('PUT', `/staffapi/openstack/regions/${REGION}/driver`, {
      driver: 'openstack',
      settings,
      secrets,
    });
    return [set.status === 200 && set.body.health.ok && !JSON.stringify(set.body).includes(secrets.password), set];
  });
  await check("nefos region sync brings the cloud's flavors, images and networks", async () => {
    const first = await portal.nefos('region', 'sync', REGION);
    const second = await portal.nefos('region', 'sync', REGION);
    const added = (/** @type {any[]} */ rows) => rows.map((row) => row.added);
    return [added(first).every((n) => n > 0) && added(second).every((n) => n === 0), first, second];
  });
  /** @param {string} kind @param {string} name @returns {Promise<string>} */
  const idOf = async (kind, name) => (await portal.list(kind, `name:${name}+region:${REGION}`))[0]?.id;
  const isos = (await portal.list('images', `region:${REGION}`)).filter((one) => one.disk_format === 'iso');
  const parts = {
    nano: await idOf('flavors', 'm1.nano'),
    micro: await idOf('flavors', 'm1.micro'),
    small: await idOf('flavors', 'm1.small'),
    image: await idOf('images', 'tiny'),
    iso: isos.at(-1)?.id,
    // The demo has a network of this name as well: the cloud's has its id in its name.
    network: (await portal.list('networks', '')).find((one) => one.name.startsWith('private ('))?.id,
  };
  return {
    portal,
    cloud,
    client: CLIENT,
    parts,
    /** @param {string} name @param {object} [more] @returns {Promise<string>} id of an instance that is being built */
    create: async (name, more = {}) => {
      const answer = await portal.call('POST', '/staffapi/openstack/instances', {
        client: CLIENT,
        region: REGION,
        share_image: false,
        nics: [parts.network],
        name,
        flavor: parts.nano,
        boot_source: {
          source_type: 'image',
          source_id: parts.image,
          delete_on_termination: false,
          create_new_volume: false,
        },
        ...more,
      });
      if (answer.status !== 201) throw new Error(`create answered ${answer.status} ${JSON.stringify(answer.body)}`);
      made.push(answer.body.id);
      return answer.body.id;
    },
    /** The servers of an instance at the cloud. @param {string} id @returns {Promise<any[]>} */
    serversOf: async (id) => (await cloud.servers()).filter(({ tags }) => tags?.includes(`pcp-${id}`)),
    /** Deletes what is left; nothing may stay behind. @param {import('./reporter.mjs').Reporter} reporter */
    clear: (reporter) =>
      reporter.check('all are deleted: no server, image, key pair or port stays in the cloud', async () => {
        for (const id of made) await portal.call('DELETE', `/staffapi/openstack/instances/${id}`);
        /** @type {Record<string, unknown[]>} */
        let left = {};
        for (const end = Date.now() + CLEARED_SECONDS * 1000; Date.now() < end; await sleep(1000)) {
          const servers = (await cloud.servers()).filter(({ id }) => !before.includes(id));
          left = {
            instances: await portal.list('instances', `region:${REGION}`),
            servers,
            images: await cloud.snapshots(),
            keyPairs: await cloud.keyPairs(),
            ports: before.length ? [] : await cloud.ports(),
          };
          if (Object.values(left).every((list) => !list.length)) return [true];
        }
        return [false, left];
      }),
  };
};
