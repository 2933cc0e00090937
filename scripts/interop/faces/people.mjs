// @ts-check
// Who uses the cloud in these tests: two clients with an end user each, and staff.
import { setTimeout as sleep } from 'node:timers/promises';
import { EXAMPLE_CLIENT } from '../../lib/example-client.mjs';

/** @typedef {{ email: string, password: string, project: string }} Person */

/** @param {string} gateway @param {{ email: string, password: string }} who @param {string} [project] */
const signIn = async (gateway, { email, password }, project) => {
  const res = await fetch(`${gateway}/identity/v3/auth/tokens`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({
      auth: {
        identity: { methods: ['password'], password: { user: { name: email, domain: { id: 'default' }, password } } },
        ...(project && { scope: { project: { id: project } } }),
      },
    }),
  });
  if (res.status !== 201) throw new Error(`${email} can not sign in: ${res.status} ${await res.text()}`);
  const { token } = /** @type {any} */ (await res.json());
  return { token: res.headers.get('x-subject-token') ?? '', user: token.user.id };
};
/**
 * The client's project, once identity knows of it.
 * @param {string} gateway
 * @param {{ token: string, user: string }} as
 */
const projectOf = async (gateway, { token, user }) => {
  for (let i = 0; i < 60; i += 1) {
    const res = await fetch(`${gateway}/identity/v3/auth/projects`, { headers: { 'X-Auth-Token': token } });
    const { projects } = /** @type {any} */ (await res.json());
    const found = projects.find((/** @type {{ id: string }} */ one) => one.id !== user);
    if (found) return found.id;
    await sleep(500);
  }
  throw new Error('identity was not told of the project');
};

/**
 * @param {import('../../lib/private-stack.mjs').PrivateStack} stack
 * @param {import('../portal.mjs').Portal} portal
 */
export const preparePeople = async ({ gateway, credentials }, portal) => {
  /** @param {string} username @returns {Promise<Person>} */
  const person = async (username) => {
    const email = `${username}@example.com`;
    const password = `${username}-long-enough`;
    const made = await portal.call('POST', '/staffapi/clients', {
      ...EXAMPLE_CLIENT,
      email,
      phone: '9999999',
      user: { username, email, email_verified: true, first_name: 'Jane', last_name: username, password },
    });
    if (made.status !== 201) throw new Error(`a client was not made: ${made.status} ${JSON.stringify(made.body)}`);
    const who = { email, password };
    return { ...who, project: await projectOf(gateway, await signIn(gateway, who)) };
  };
  const { email, password } = credentials.identity.admin;
  const staff = { email, password, project: (await signIn(gateway, { email, password })).user };
  const user = await person('openstack-user');
  const stranger = await person('openstack-stranger');
  return {
    user,
    stranger,
    staff,
    /** @param {Person} who */
    tokenOf: async (who) => (await signIn(gateway, who, who.project)).token,
    staffToken: async () => (await signIn(gateway, staff, staff.project)).token,
  };
};

/**
 * What the programs use: the demo's flavor, image and network, and a network outside that staff make.
 * @param {string} gateway @param {string} token of staff
 */
export const prepareThings = async (gateway, token) => {
  /** @param {string} at @param {object} [body] @returns {Promise<any>} */
  const call = async (at, body) => {
    const res = await fetch(gateway + at, {
      headers: { 'X-Auth-Token': token, 'Content-Type': 'application/json' },
      ...(body && { method: 'POST', body: JSON.stringify(body) }),
    });
    if (!res.ok) throw new Error(`${at}: ${res.status} ${await res.text()}`);
    return res.json();
  };
  const { network } = await call('/network/v2.0/networks', { network: { name: 'outside', 'router:external': true } });
  await call('/network/v2.0/subnets', { subnet: { network_id: network.id, cidr: '198.51.100.0/24' } });
  const [{ flavors }, { images }, { networks }] = await Promise.all([
    call('/compute/v2.1/flavors/detail'),
    call('/image/v2/images?name=cirros'),
    call('/network/v2.0/networks?name=private'),
  ]);
  return { flavor: flavors[0].id, image: images[0].id, net: networks[0].id, outside: network.id };
};
