// @ts-check
// Who exists after the first start: well-known people with the demo fixture, random ones otherwise.
import { randomBytes, randomUUID } from 'node:crypto';

/** What each service is trusted with; the names are those of `COMPONENT_RIGHTS`. */
/** @type {Record<string, string[]>} */
const RIGHTS = { compute: ['users.manage', 'events.send'], metering: [], introspection: [] };

/** @typedef {{ uuid: string, email: string, password: string, token: string }} Person with the API token of its own */
/**
 * Email and password sign in at identity (v3), the token at the portal.
 * @typedef {{ uuid: string, username: string, email: string, password: string, token: string }} PortalUser
 */
/**
 * What people get, in credentials.json.
 * @typedef {{
 *   gateway: string,
 *   identity: { admin: Person, user?: Person, service: { token: string } },
 *   compute: { staff: Omit<PortalUser, 'uuid'>, user?: Omit<PortalUser, 'uuid'> },
 *   metering: { account_number?: string, superuser_account_number: string },
 *   introspection: { token: string },
 * }} Credentials
 */
/**
 * Those of the demo fixture have an end user at identity.
 * @typedef {Credentials & { identity: { user: Person } }} DemoCredentials
 */
/** @typedef {[first: string, last: string]} Name */
/**
 * @typedef {{ credentials: Credentials, names: { admin: Name, staff: Name, user?: Name, enduser?: Name }, staff:
 *   PortalUser, enduser?: PortalUser, enduserClients?: number[] }} Made
 */

/** What the user is told of itself. @param {PortalUser} user */
const shownUser = ({ username, email, password, token }) => ({ username, email, password, token });
const secret = () => randomBytes(32).toString('base64url');
const hex = () => randomBytes(20).toString('hex');

/** The guide's own people (seed astakos-api.rst, fleio-using-api.txt, cloudigrade-rest-examples.rst). Loopback only. */
/** @param {string} gateway @returns {Made} */
const demo = (gateway) => {
  const admin = {
    uuid: '0f7e1c1e-3f6b-4a4e-9a55-6f1c2f0e9d01',
    email: 'admin@example.com',
    password: 'nefos demo admin',
    token: 'NefosDemoAdminToken-000000000000000000000001',
  };
  const user = {
    uuid: 'c18088be-16b1-4263-8180-043c54e22903',
    email: 'user@example.com',
    password: 'nefos demo user',
    token: 'NefosDemoUserToken-0000000000000000000000002',
  };
  const staff = {
    uuid: '7b1f2a3c-5d4e-4f60-8a91-b2c3d4e5f601',
    username: 'demoadmin',
    email: 'demoadmin@example.com',
    password: 'nefos demo staff',
    token: '4e93e9b8e5072259856249e7ad5a7a1f2222cfa9',
  };
  const enduser = {
    uuid: '3c9e7d52-64c1-4b0f-9d1a-2f6b8a7c5e02',
    username: 'demo',
    email: 'demo@fleiobogustest.com',
    password: 'nefos demo end user',
    token: 'd3a0000000000000000000000000000000000001',
  };
  return {
    credentials: {
      gateway,
      identity: { admin, user, service: { token: 'NefosDemoServiceToken-00000000000000000000003' } },
      compute: { staff: shownUser(staff), user: shownUser(enduser) },
      metering: { account_number: '1337', superuser_account_number: '1000001' },
      introspection: { token: admin.token },
    },
    names: {
      admin: ['Cloud', 'Administrator'],
      user: ['Firstname', 'Lastname'],
      staff: ['Demo', 'Admin'],
      enduser: ['Demo', 'Demo'],
    },
    staff,
    enduser,
    enduserClients: [599151],
  };
};

/** @param {string} gateway @returns {Made} */
const random = (gateway) => {
  const admin = {
    uuid: randomUUID(),
    email: 'admin@nefos.invalid',
    password: randomBytes(15).toString('base64url'),
    token: secret(),
  };
  const staff = {
    uuid: randomUUID(),
    username: 'admin',
    email: 'staff@nefos.invalid',
    password: randomBytes(15).toString('base64url'),
    token: hex(),
  };
  return {
    credentials: {
      gateway,
      identity: { admin, service: { token: secret() } },
      compute: { staff: shownUser(staff) },
      metering: { superuser_account_number: randomBytes(6).toString('hex') },
      introspection: { token: admin.token },
    },
    names: { admin: ['Cloud', 'Administrator'], staff: ['Portal', 'Administrator'] },
    staff,
  };
};

/** A service as identity knows it. @param {string} name @param {string} gateway @param {string} token */
const componentOf = (name, gateway, token) => ({ name: `nefos-${name}`, url: gateway, token, rights: RIGHTS[name] });

/**
 * Gives an installation that an older release has made the services that came since: tokens of their own, and what
 * people get for them.
 * @param {{ credentials: Credentials, bootstrap: any, components: Record<string, string> }} made changed in place
 * @param {string} gateway
 */
export const addNewServices = ({ credentials, bootstrap, components }, gateway) => {
  for (const name of Object.keys(RIGHTS)) {
    if (components[name]) continue;
    components[name] = secret();
    bootstrap.identity.components.push(componentOf(name, gateway, components[name]));
  }
  credentials.introspection ??= { token: credentials.identity.admin.token };
};

/**
 * Makes the two documents of a fresh installation.
 * @param {{ fixture: 'demo' | 'none', gateway: string }} options
 * @returns {{ credentials: Credentials, bootstrap: object, components: Record<string, string> }} what people get, what
 *   services read,
 *   the services' own tokens
 */
export const makePrincipals = ({ fixture, gateway }) => {
  const made = fixture === 'demo' ? demo(gateway) : random(gateway);
  const { credentials, names, staff, enduser } = made;
  const components = Object.fromEntries(Object.keys(RIGHTS).map((name) => [name, secret()]));
  /**
   * @param {Name | undefined} name @param {Omit<Person, 'password'> & { password?: string }} one @param {object} [more]
   */
  const person = (name, { uuid, email, password, token }, more = {}) => ({
    uuid,
    email,
    ...(password && { password }),
    first_name: name?.[0],
    last_name: name?.[1],
    tokens: [token],
    ...more,
  });
  const bootstrap = {
    identity: {
      users: [
        person(names.admin, credentials.identity.admin, { superuser: true, groups: ['admin-api'] }),
        ...(credentials.identity.user ? [person(names.user, credentials.identity.user)] : []),
        person(names.staff, staff),
        ...(enduser ? [person(names.enduser, enduser)] : []),
      ],
      components: [
        { name: 'nefos-operator', url: gateway, token: credentials.identity.service.token, rights: [] },
        ...Object.entries(components).map(([name, token]) => componentOf(name, gateway, token)),
      ],
    },
    compute: {
      users: [
        // The cloud's administrator is staff at the portal, too: OpenStack knows one kind of administrator.
        {
          uuid: credentials.identity.admin.uuid,
          username: credentials.identity.admin.email,
          email: credentials.identity.admin.email,
          first_name: names.admin[0],
          last_name: names.admin[1],
          is_staff: true,
        },
        {
          uuid: staff.uuid,
          username: staff.username,
          email: staff.email,
          first_name: names.staff[0],
          last_name: names.staff[1],
          is_staff: true,
        },
        ...(enduser
          ? [
              {
                uuid: enduser.uuid,
                username: enduser.username,
                email: enduser.email,
                first_name: names.enduser?.[0],
                last_name: names.enduser?.[1],
                clients: made.enduserClients,
              },
            ]
          : []),
      ],
    },
    metering: { superusers: [credentials.metering.superuser_account_number] },
  };
  return { credentials, bootstrap, components };
};
