import { randomBytes, randomUUID } from 'node:crypto';
import { identity, type Contract } from '@nefos/contracts';
import { call, checksums, describeMatrix, isSafe, type Asked, type Ids, type Outcome } from '@nefos/testing';
import { endpoints } from '../src/endpoints.js';
import { loadPrincipals } from '../src/accounts/domain/bootstrap.js';
import { PASSWORD, service, useService } from './support.js';

const ANONYMOUS = ['none', 'garbage', 'expired', 'inactive'] as const;
const CALLERS = [...ANONYMOUS, 'read-only', 'stranger', 'metering', 'compute', 'staff', 'superuser', 'owner'] as const;
type Who = (typeof CALLERS)[number];
const contracts: readonly Contract[] = endpoints.map((e) => e.contract);
const isOne = <T extends string>(list: readonly T[], who: string): who is T => list.includes(who as T);

/** Endpoints that nobody needs a token for, each with its reason. The list may only shrink. */
const PUBLIC: Record<string, string> = {
  'get /ui/get_services': 'the cloud bar of pages that nobody signed in to',
  'get /ui/get_menu': 'tells an anonymous browser to sign in',
  'get /account/v1.0/resources': 'contract §7.4',
  'post /identity/v2.0/tokens': 'the credentials are in the body',
  'get /identity/v2.0/tokens/*id': '404 without a token, contract §7.2',
  'get /identity/v2.0/tokens/*id/endpoints': '403 without the very token, contract §7.2',
  'post /identity/v3/auth/tokens': 'the credentials are in the body',
  'get /identity': 'discovery',
  'get /identity/v2.0': 'discovery',
  'get /identity/v3': 'discovery',
  'get /identity/v2.0/extensions': 'discovery',
  'get /ui': 'redirects',
  'get /ui/login': 'the sign-in form',
  'post /ui/login': 'the credentials are in the body',
  'get /ui/logout': 'shows a button',
  'post /ui/logout': 'ends the session if there is one; the token of the form proves that the page was ours',
  'get /ui/approval_terms': 'terms are read before signing in',
  'get /ui/approval_terms/:id': 'the same',
  'post /ui/approval_terms':
    'signs for the session if there is one; the token of the form proves that the page was ours',
  'get /ui/landing': 'redirects to the sign-in form',
};
const nameOf = ({ method, path }: Contract): string => `${method} ${path}`;
/** Forbidden to everybody who may ask. */
const NOBODYS = ['get /identity/v2.0/tokens/revoked', 'get /identity/v3/auth/tokens/OS-PKI/revoked'];
/** Whose answer says nothing of people: for components too. */
const FACTS = /^\/identity\/v3\/(domains|roles|services|endpoints|regions)(?!.*\/users\/)/;
const TOKENS_V3 = '/identity/v3/auth/tokens';
/** What a component needs no right for, as its contract says. */
const forAnyComponent = ({ components }: Contract): boolean => components === 'any';
/** What only an administrator may see or do on v3. */
const ADMINS_ONLY = [
  'get /identity/v3/users',
  'patch /identity/v3/users/:id',
  'get /identity/v3/role_assignments',
  'get /identity/v3/groups',
  'get /identity/v3/groups/:id',
  'get /identity/v3/groups/:id/users',
  'get /identity/v3/groups/:id/users/:user',
];
/** What an administrator may do to another's things, at endpoints that are for everybody. */
const ADMINS_TOO = [
  'delete /identity/v2.0/tokens/*id',
  `get ${TOKENS_V3}`,
  `delete ${TOKENS_V3}`,
  'get /identity/v3/projects/:id',
  'get /identity/v3/users/:id/projects',
  'get /identity/v3/users/:id',
  'get /identity/v3/users/:id/groups',
  'get /identity/v3/projects/:project/users/:user/roles',
  'get /identity/v3/projects/:project/users/:user/roles/:role',
  'get /identity/v3/system/users/:user/roles',
  'get /identity/v3/system/users/:user/roles/:role',
  'get /identity/v3/domains/:domain/users/:user/roles',
  'get /identity/v3/domains/:domain/users/:user/roles/:role',
  'get /identity/v2.0/tenants/:id',
  'get /identity/v3/users/:id/application_credentials',
  'get /identity/v3/users/:id/application_credentials/:credential',
  'delete /identity/v3/users/:id/application_credentials/:credential',
  'get /account/v1.0/projects/:uuid',
  'post /account/v1.0/projects/:uuid/action',
];
/** Endpoints where the thing of another is named, in the path or in X-Subject-Token. */
const namesThings = (contract: Contract): boolean =>
  (contract.path.includes(':') || contract.path.includes('*') || contract.headers !== undefined) &&
  !FACTS.test(contract.path);

const ofToken = (contract: Contract, who: Who): Outcome => {
  if (contract.path.endsWith('/endpoints')) return who === 'owner' ? 'allowed' : 403;
  return isOne(['metering', 'compute', 'staff', 'superuser', 'owner'], who) ? 'allowed' : 'absent';
};
const ofUser = (contract: Contract, who: Exclude<Who, (typeof ANONYMOUS)[number]>): Outcome => {
  const name = nameOf(contract);
  const admin = who === 'staff' || who === 'superuser';
  if (who === 'metering' || who === 'compute') {
    if (!contract.path.startsWith('/identity/v3')) return 401;
    if (!forAnyComponent(contract)) return 403;
    return contract.method === 'delete' ? 'absent' : 'allowed';
  }
  if (NOBODYS.includes(name)) return 403;
  if (who === 'read-only' && !isSafe(contract)) return 403;
  if (ADMINS_ONLY.includes(name)) return admin ? 'allowed' : 403;
  if (who === 'owner' || who === 'read-only' || FACTS.test(contract.path)) return 'allowed';
  if (namesThings(contract)) return admin && ADMINS_TOO.includes(name) ? 'allowed' : 'absent';
  return contract.method === 'get' && !admin ? 'unseen' : 'allowed';
};
const outcome = (contract: Contract, who: Who): Outcome => {
  if (nameOf(contract) in PUBLIC) return contract.path.includes('*') ? ofToken(contract, who) : 'allowed';
  if (isOne(ANONYMOUS, who)) return 401;
  if (contract.access === 'service') {
    if (who === 'compute') return 'allowed';
    if (who === 'metering') return forAnyComponent(contract) ? 'allowed' : 403;
    return 401;
  }
  if (contract.access === 'admin') {
    if (who === 'metering' || who === 'compute') return 401;
    return who === 'staff' || who === 'superuser' ? 'allowed' : 403;
  }
  return ofUser(contract, who);
};
/** The contract's word where it differs from the rule. */
const EXCEPTIONS: Record<string, Outcome> = {
  // Contract §7.6, the original's: a project that is not public is 403 to others, an unknown one 404.
  'get /account/v1.0/projects/:uuid · stranger': 403,
  'post /account/v1.0/projects/:uuid/action · stranger': 403,
  // No list names the project of another, and a user chooses but the own.
  'post /account/v1.0/myaccount/default_project · stranger': 404,
  'post /account/v1.0/myaccount/default_project · staff': 404,
  'post /account/v1.0/myaccount/default_project · superuser': 404,
  // A question in the form of a POST.
  'post /account/v1.0/user_catalogs · read-only': 'allowed',
};

let serial = 0;
const unique = (): string => `matrix-${(serial += 1)}`;
const email = (): string => `${unique()}@example.com`;
const NAMES = { first_name: 'A', last_name: 'B' };
const BODIES: Record<string, (ids: Ids) => unknown> = {
  'post /identity/v2.0/tokens': (ids) => ({
    auth: { passwordCredentials: { username: ids.email, password: PASSWORD } },
  }),
  'post /identity/v3/auth/tokens': (ids) => ({
    auth: { identity: { methods: ['password'], password: { user: { id: ids.uuid, password: PASSWORD } } } },
  }),
  'post /ui/login': (ids) => ({ username: ids.email, password: PASSWORD, next: '' }),
  'post /account/v1.0/feedback': () => ({ feedback_msg: 'hello', feedback_data: '' }),
  'post /account/v1.0/projects': () => ({ name: `${unique()}.example.org`, end_date: '2099-01-01T00:00:00+00:00' }),
  'post /account/v1.0/projects/:uuid/action': (ids) => ({ cancel: { app_id: ids.application, reason: 'x' } }),
  'post /identity/v2.0/users': () => ({ user: { username: email(), ...NAMES } }),
  'patch /identity/v3/users/:id': () => ({ user: { email: email() } }),
  'post /account/v1.0/myaccount/default_project': (ids) => ({ project_id: ids.uuid }),
  'put /identity/v2.0/users/:id': () => ({ user: { first_name: 'Other' } }),
  'post /identity/v2.0/users/:id/action': () => ({ addGroup: { name: unique() } }),
  'post /identity/v3/users/:id/password': () => ({
    user: { original_password: PASSWORD, password: 'another right long password' },
  }),
  'post /identity/v3/users/:id/application_credentials': () => ({ application_credential: { name: unique() } }),
  'put /internal/v1/users/:uuid': () => ({ email: email(), ...NAMES }),
  'post /internal/v1/users/:uuid/check-password': () => ({ password: PASSWORD }),
  'post /internal/v1/users/:uuid/sessions': () => ({ password: PASSWORD, seconds: 60 }),
  'post /internal/v1/users/:uuid/trusted-sessions': ({ audit_id }) => ({ made_with: audit_id, seconds: 60 }),
  'put /internal/v1/users/:uuid/state': () => ({ is_active: false, sequence: 1 }),
  'put /internal/v1/projects/:uuid': () => ({
    name: unique(),
    description: '',
    enabled: true,
    members: [],
    sequence: 1,
  }),
  'post /ui/approval_terms': () => ({ csrf: '', terms: '1', next: '' }),
  'post /ui/logout': (ids) => ({ csrf: ids.csrf ?? '', next: '' }),
};

describe('who may do what: every endpoint with every kind of caller', () => {
  const s = useService();
  const tokens = {} as Record<Who, string | undefined>;
  interface Person {
    uuid: string;
    email: string;
    token: string;
  }
  let owner: Person;
  let superuser: Person;
  let staff: Person;
  let owned: Ids;
  const facts: Ids = {};

  const person = async (more: { superuser?: boolean; groups?: string[] } = {}): Promise<Person> => {
    const made = { uuid: randomUUID(), email: email(), token: randomBytes(32).toString('base64url') };
    const user = {
      ...NAMES,
      superuser: false,
      groups: [],
      ...more,
      uuid: made.uuid,
      email: made.email,
      password: PASSWORD,
      tokens: [made.token],
    };
    await loadPrincipals(s.ctx, { users: [user], components: [] });
    return made;
  };
  /** A named token of a user, made as compute makes them. */
  const issue = async (uuid: string, more: object = {}): Promise<{ token: string; audit_id: string }> =>
    (
      await s
        .api()
        .post(`/internal/v1/users/${uuid}/tokens`)
        .set('X-Auth-Token', service.token)
        .send({ label: 'x', form: 'base64url', expires_at: null, ...more })
        .expect(201)
    ).body as { token: string; audit_id: string };
  /** A session that compute keeps for a person's browser. */
  const session = async (uuid: string): Promise<string> =>
    (
      await s
        .as(service.token)
        .post(`/internal/v1/users/${uuid}/sessions`)
        .send({ password: PASSWORD, seconds: 600 })
        .expect(201)
    ).body.audit_id;
  /** A person signs in on our page and opens the form that signs out. */
  const signedIn = async (): Promise<Ids> => {
    const { email: username } = await person();
    const { headers } = await s.api().post('/ui/login').type('form').send({ username, password: PASSWORD }).expect(302);
    const cookie = String(headers['set-cookie']?.[0]).split(';', 1)[0] as string;
    const { text } = await s.api().get('/ui/logout').set('Cookie', cookie).expect(200);
    return { cookie, csrf: /name="csrf" value="([^"]+)"/.exec(text)?.[1] as string };
  };
  /** One thing of each kind that a person can have, or of those in the path. */
  const thingsOf = async ({ uuid, email: name, token }: Person, path?: string): Promise<Ids> => {
    const has = (part: string): boolean => path === undefined || path.includes(part);
    const post = (to: string, body: object) => s.as(token).post(to).send(body).expect(201);
    const project = has('/projects/:uuid')
      ? (await post('/account/v1.0/projects', BODIES['post /account/v1.0/projects']?.({}) as object)).body
      : {};
    const credential = has(':credential')
      ? (
          await post(`/identity/v3/users/${uuid}/application_credentials`, {
            application_credential: { name: unique() },
          })
        ).body.application_credential
      : {};
    const other = await issue(uuid);
    return {
      email: name,
      uuid,
      project: project.id ?? '',
      application: project.application ?? 0,
      credential: credential.id ?? '',
      token: other.token,
      audit_id: path?.includes('/sessions/') ? await session(uuid) : other.audit_id,
      session: path === undefined ? await session(uuid) : '',
    };
  };
  /** The ids by the names in this path. */
  const idIn = (path: string, ids: Ids): Ids[string] | undefined => {
    if (path.includes('*id')) return ids.token;
    if (/\/(domains|regions)\//.test(path)) return 'default';
    if (/\/(approval_terms|groups|OS-KSADM\/roles)\//.test(path)) return 1;
    if (path.includes('/v3/roles/')) return 'member';
    if (path.includes('/services/')) return facts.service;
    return path.includes('/endpoints/') ? facts.endpoint : ids.uuid;
  };
  const inPath = (path: string, ids: Ids): Ids => {
    const id = idIn(path, ids);
    const kept = path.includes('/sessions/') && ids.session ? { audit_id: ids.session } : {};
    return {
      ...ids,
      ...kept,
      id: id as string,
      ...(path.includes('/:user') && { user: ids.uuid as string, domain: 'default', role: 'member' }),
      tenant: ids.uuid as string,
      ...(path.includes('/projects/:project/') && { project: ids.uuid as string }),
      ...(path.startsWith('/account/v1.0/projects/') && { uuid: ids.project as string }),
    };
  };
  const fresh = async (contract: Contract, path: string, who: Who): Promise<Ids> => {
    if (path.startsWith('/identity/v2.0/tokens/') && isSafe(contract) && who === 'owner')
      return inPath(path, { ...owned, token: owner.token });
    if (nameOf(contract) === 'post /ui/logout') return signedIn();
    if (isSafe(contract) || contract.access === 'public' || contract.access === 'session') return inPath(path, owned);
    if (path === '/internal/v1/users/:uuid') {
      const uuid = randomUUID();
      const body = { email: email(), ...NAMES };
      if (contract.method === 'delete')
        await s.api().put(`/internal/v1/users/${uuid}`).set('X-Auth-Token', service.token).send(body).expect(200);
      return { uuid };
    }
    if (path === '/internal/v1/projects/:uuid') return { uuid: randomUUID() };
    const one = await person();
    return { ...inPath(path, await thingsOf(one, path)), ...(who === 'owner' && { as: one.token }) };
  };
  const send = (who: Who, { method, path, contract, body, ids }: Asked) => {
    const token = ids.as ?? tokens[who];
    const headers = {
      ...(token !== undefined && { 'X-Auth-Token': String(token) }),
      ...(ids.cookie !== undefined && { Cookie: String(ids.cookie) }),
      ...(contract.headers && 'X-Subject-Token' in contract.headers && { 'X-Subject-Token': String(ids.token) }),
    };
    return call(s.base + path, {
      method,
      body,
      form: contract.consumes?.[0] === 'application/x-www-form-urlencoded',
      headers,
    });
  };

  beforeAll(async () => {
    const metering = randomBytes(32).toString('base64url');
    await loadPrincipals(s.ctx, {
      users: [],
      components: [{ name: 'nefos-metering', url: 'http://gateway.test', token: metering }],
    });
    // Old ones, which everybody here has signed.
    await s.rows("insert into approval_terms (date, location) values ('2000-01-01', 'https://example.com/terms')");
    const [service0] = (await s.ctx.directory.get()).services;
    Object.assign(facts, { service: service0?.id, endpoint: service0?.endpoints[0]?.id });
    owner = await person();
    superuser = await person({ superuser: true });
    staff = await person({ groups: ['admin-api'] });
    owned = await thingsOf(owner);
    const inactive = await person();
    await s.rows('update account set is_active = false where uuid = $1', [inactive.uuid]);
    const late = await issue(owner.uuid);
    await s.rows(`update token set expires_at = now() - interval '1 hour' where audit_id = $1`, [late.audit_id]);
    Object.assign(tokens, {
      garbage: 'nothing-of-the-kind-000000000000',
      expired: late.token,
      inactive: inactive.token,
      'read-only': (await issue(owner.uuid, { read_only: true })).token,
      stranger: (await person()).token,
      metering,
      compute: service.token,
      staff: staff.token,
      superuser: superuser.token,
      owner: owner.token,
    });
  });

  it('the list of public endpoints is the contracts', () => {
    const open = contracts.filter((c) => c.access === 'public' || c.access === 'session').map(nameOf);
    expect(open.sort()).toEqual(Object.keys(PUBLIC).sort());
  });
  describeMatrix<Who>({
    contracts,
    callers: CALLERS,
    outcome,
    exceptions: EXCEPTIONS,
    // The owner has no role there.
    answers: {
      'get /identity/v3/system/users/:user/roles/:role': 404,
      'get /identity/v3/domains/:domain/users/:user/roles/:role': 404,
    },
    send,
    owned: (_contract, path) => inPath(path, owned),
    unknown: (_contract, path) =>
      inPath(path, {
        ...owned,
        uuid: randomUUID(),
        project: randomUUID(),
        credential: 'c'.repeat(32),
        token: 't'.repeat(43),
        audit_id: 'a'.repeat(22),
        session: 'a'.repeat(22),
      }),
    fresh,
    bodies: BODIES,
    queries: { 'delete /internal/v1/projects/:uuid': () => '?sequence=1' },
    state: () => checksums(s.db, ['rate_limit']),
  });

  // Whoever holds a token may end it, for then it is good for nothing; a token that may only read ends no other (the
  // table above).
  const ENDS = contracts.filter((c) => c === identity.deleteToken || c === identity.deleteV3Token);
  it.each(ENDS.map((c) => [c.path, c] as const))(
    '204: a token that may only read ends itself: delete %s',
    async (path, contract) => {
      const { token } = await issue(owner.uuid, { read_only: true });
      const ids = { token, as: token };
      expect(
        await send('read-only', { method: 'delete', path: path.replace('*id', token), contract, body: undefined, ids }),
      ).toEqual({ status: 204, text: '' });
      await s.as(token).get('/account/v1.0/authenticate').expect(401);
    },
  );
  const onPeople = contracts.filter((c) => c.path.startsWith('/identity/v2.0/users/:id') && !isSafe(c));
  const RAISING = [
    { addGroup: { name: 'admin-api' } },
    { removeGroup: { name: 'admin-api' } },
    { deactivate: {} },
    { renewToken: '' },
    { revokeTokens: {} },
  ];
  it.each(onPeople.map((c) => [c.method, c.path] as const))(
    '403: staff act on nobody of their own rank or above: %s %s',
    async (method, path) => {
      const peer = await person({ groups: ['admin-api'] });
      const bodies = path.endsWith('/action')
        ? RAISING
        : [{ user: { password: 'a stolen long password' } }, { user: { first_name: 'X' } }];
      for (const above of [superuser, peer])
        for (const body of bodies) {
          const before = await checksums(s.db, ['rate_limit']);
          const { status } = await call(s.base + path.replace(':id', above.uuid), {
            method,
            body,
            headers: { 'X-Auth-Token': staff.token },
          });
          expect([status, body]).toEqual([403, body]);
          expect(await checksums(s.db, ['rate_limit'])).toEqual(before);
        }
    },
  );
  it('403: staff make no staff', async () => {
    const path = `${s.base}/identity/v2.0/users/${owner.uuid}/action`;
    const asked = { method: 'post', body: RAISING[0], headers: { 'X-Auth-Token': staff.token } };
    expect((await call(path, asked)).status).toBe(403);
  });
});
