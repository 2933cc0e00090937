// @ts-check
// The demo at compute: a client with an end user, and an instance that is made, stopped and started.
import { EXAMPLE_CLIENT } from '../lib/example-client.mjs';
import { bold, step, Trouble } from '../lib/progress.mjs';
import { call, must, staff, until } from './client.mjs';

/**
 * @typedef {object} Item of a catalog list
 * @property {string} id
 * @property {string} region
 * @property {boolean} [enabled]
 * @property {number} [vcpus]
 * @property {number} [memory_mb]
 * @property {number} [memory_gb]
 * @property {number} [root_gb]
 * @property {boolean} [is_public]
 * @property {boolean} [disabled]
 * @property {boolean} [out_of_stock]
 * @property {string} [status]
 * @property {string} [visibility]
 * @property {number} [min_disk]
 * @property {number} [min_ram]
 * @property {boolean} [shared]
 */
/** @typedef {{ flavor: Item, image: Item, network: Item }} Parts of an instance, all in one region */
/** What the story is about. @typedef {{ client: number, user: number, key: string, id: string, flavor: Item }} Story */

/** @param {string} what @returns {Promise<Item[]>} */
const list = async (what) => (await staff('GET', `/openstack/${what}?page_size=500`)).json().objects;
/** Whether a machine of the flavor can start from the image. @param {Item} flavor @param {Item} image */
const fits = ({ root_gb: disk = 0, memory_mb: memory = 0 }, { min_disk: minDisk = 0, min_ram: minRam = 0 }) =>
  minDisk <= disk && minRam <= memory;
/**
 * What the story needs. Nothing is changed.
 * @returns {Promise<Parts>}
 * @throws {Trouble} when the installation does not have it
 */
export const findParts = async () => {
  if (/<title>Terms of use of \d{4}-/.test((await call('GET', '/ui/approval_terms')).text))
    throw new Trouble(
      'terms of use are in force: the end user that the demo makes would have to sign them first ' +
        '(`npm run nefos -- terms sign ...` does so for a user that is there). ' +
        'The demo is for an installation without terms; nothing was changed',
    );
  const lists = {
    regions: await list('regions'),
    flavors: await list('flavors'),
    images: await list('images'),
    networks: await list('networks'),
  };
  const empty = Object.entries(lists)
    .filter(([, items]) => !items.length)
    .map(([what]) => what);
  for (const { id } of lists.regions.filter((region) => region.enabled)) {
    const inRegion = (/** @type {Item[]} */ items) => items.filter(({ region }) => region === id);
    const flavors = inRegion(lists.flavors).filter((one) => one.is_public && !one.disabled && !one.out_of_stock);
    const images = inRegion(lists.images).filter((one) => one.status === 'active' && one.visibility === 'public');
    const network = inRegion(lists.networks).find((one) => one.shared);
    for (const image of network ? images : []) {
      const flavor = flavors.find((one) => fits(one, image));
      if (network && flavor) return { flavor, image, network };
    }
  }
  const missing = empty.length
    ? `no ${empty.join(', ')}`
    : 'no enabled region with a flavor, an image that fits it and a network, all of them for every client';
  throw new Trouble(
    `this installation has ${missing}; nothing was changed. ` +
      'docs/first-cloud.md fills it; or take the demo data: npm start -- --fixture demo, with an empty state directory',
  );
};

/** What the story has made so far. @type {{ client?: number | undefined, user?: number | undefined }} */
const made = {};
/** Takes away what the story has made, also when it ends too soon. */
export const cleanUp = async () => {
  if (made.client) {
    await staff('DELETE', `/clients/${made.client}?delete_cloud_resources=true`, { expect: 204 });
    await until(
      'the client is gone',
      async () => (await staff('GET', `/clients?filtering=id:${made.client}`)).json().totalCount === 0,
    );
  }
  if (made.user) await staff('DELETE', `/users/${made.user}`, { expect: 204 });
  delete made.client;
  delete made.user;
};
/** What the operator has to delete when `cleanUp` fails. */
export const leftBehind = () => `client ${made.client} and its user are left behind`;

/** @param {string} username */
const clientForm = (username) => ({
  ...EXAMPLE_CLIENT,
  email: 'jane@doe.com',
  phone: '9999999',
  user: {
    username,
    email: `${username}@example.com`,
    email_verified: true,
    first_name: 'Jane',
    last_name: 'Doe',
    password: `${username}-long-enough`,
    external_billing_id: username,
  },
});
/** @param {Parts} parts @param {number} client */
const instanceForm = ({ flavor, image, network }, client) => ({
  region: flavor.region,
  share_image: false,
  nics: [network.id],
  client,
  name: 'newinstance',
  flavor: flavor.id,
  boot_source: {
    source_type: 'image',
    source_id: image.id,
    delete_on_termination: false,
    create_new_volume: false,
    volume_type: '',
  },
});

/** @returns {Promise<Pick<Story, 'client' | 'user' | 'key'>>} */
const makeClient = async () => {
  const username = `demo-${Date.now().toString(36)}`;
  let client = 0;
  let user = 0;
  let key = '';
  await step('staff makes a client with an end user', async () => {
    client = (await staff('POST', '/clients', { json: clientForm(username), expect: 201 })).json().id;
    made.client = client;
    user = (await staff('GET', `/users?external_billing_id=${username}`)).json().objects[0].id;
    made.user = user;
    return `client ${client}`;
  });
  await step('the end user gets a token', async () => {
    key = (await staff('POST', `/users/${user}/tokens`, { json: { name: 'demo' }, expect: 201 })).json().key;
    must(/^[0-9a-f]{40}$/.test(key), 'a token of 40 hex digits');
    return username;
  });
  return { client, user, key };
};

/** @param {Parts} parts @returns {Promise<Story>} */
export const showCompute = async (parts) => {
  console.log(bold('\nCompute'));
  const { client, user, key } = await makeClient();
  let id = '';
  const url = `/openstack/instances?filtering=project__service__client__id:${client}`;
  const settled = (/** @type {string} */ status) =>
    until(`instance ${id} is ${status}`, async () => {
      const found = (await staff('GET', url)).json().objects[0];
      return found?.status === status && found.display_task === null && found;
    });
  await step('staff makes an instance for the client', async () => {
    id = (await staff('POST', '/openstack/instances', { expect: 201, json: instanceForm(parts, client) })).json().id;
    return id;
  });
  await step('it runs', async () => {
    const found = await settled('active');
    return `${found.access_ip} on ${found.host_name}`;
  });
  const act = async (/** @type {string} */ action, /** @type {string} */ words, /** @type {string} */ status) => {
    const { detail } = (await staff('POST', `/openstack/instances/${id}/${action}`)).json();
    must(detail === words, 'the documented words');
    await settled(status);
  };
  await step('it is stopped', () => act('stop', 'Instance is stopping', 'stopped'));
  await step('it is started again', () => act('start', 'Instance is starting', 'active'));
  await step('the end user lists it', async () => {
    const own = await call('GET', '/api/openstack/instances', { headers: { Authorization: `Token ${key}` } });
    const { objects, totalCount } = own.json();
    must(
      totalCount === 1 && objects[0].id === id && objects[0].host_name === null,
      'exactly the own instance, without its host',
    );
    return objects[0].display_status;
  });
  return { client, user, key, id, flavor: parts.flavor };
};
