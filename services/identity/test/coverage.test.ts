import type { Endpoint } from '@nefos/service-kit';
import { endpoints } from '../src/api/endpoints.js';
import type { IdentityCtx } from '../src/ctx.js';
import { people, service, useService } from './support.js';

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
  'get /ui/logout': 'a button, or a redirect where nobody is signed in',
  'post /ui/logout': 'ends the session if there is one',
  'get /ui/landing': 'redirects to the sign-in form',
};
const nameOf = ({ contract }: Endpoint<IdentityCtx>): string => `${contract.method} ${contract.path}`;
const pathOf = (path: string): string => path.replace(/[:*]\w+/g, '00000000-0000-4000-8000-000000000000');
const guarded = endpoints.filter((e) => !(nameOf(e) in PUBLIC));

describe('who may call at all', () => {
  const s = useService();
  it('the list of public endpoints has nothing that does not exist', () => {
    expect(Object.keys(PUBLIC).filter((name) => !endpoints.some((e) => nameOf(e) === name))).toEqual([]);
  });
  it.each(guarded.flatMap((e) => [e.contract.path, ...(e.contract.aliases ?? [])].map((path) => [e.contract.method, path])))(
    '401: %s %s without and with an unknown token',
    async (method, path) => {
      const call = () => s.api()[method as 'get'](pathOf(path));
      await call().expect(401);
      await call().set('X-Auth-Token', 'nothing-of-the-kind-000000000000').expect(401);
      await call().set('Authorization', 'Bearer nothing-of-the-kind-000000000000').expect(401);
    },
  );
  it.each(guarded.filter((e) => e.contract.access === 'admin').map((e) => [e.contract.method, e.contract.path]))(
    '403: %s %s for an ordinary user',
    async (method, path) => {
      await s.as(people.user.token)[method as 'get'](pathOf(path)).expect(403);
    },
  );
  it.each(guarded.filter((e) => e.contract.access === 'service').map((e) => [e.contract.method, e.contract.path]))(
    '401: %s %s for a user',
    async (method, path) => {
      await s.as(people.admin.token)[method as 'get'](pathOf(path)).expect(401);
    },
  );
  it.each(
    guarded.filter((e) => e.contract.access !== 'service' && e.contract.path !== '/identity/v3/auth/tokens').map((e) => [e.contract.method, e.contract.path]),
  )('never a success for a component: %s %s', async (method, path) => {
    const { status } = await s
      .as(service.token)
      [method as 'get'](pathOf(path))
      .send(method === 'get' ? undefined : {});
    // Lists that hold nobody's data are open to components on v3.
    expect([...(/v3\/(domains|roles|services|endpoints|regions)/.test(path) ? [200] : []), 400, 401, 403, 404]).toContain(status);
  });
  const HOSTILE: unknown[] = [
    null,
    [],
    'x',
    5,
    true,
    {},
    { auth: { identity: { methods: [{}] } } },
    { auth: { identity: { methods: ['token'], token: { id: '\u0000' } } } },
    { auth: { token: { id: 'x\u0000' } } },
    { auth: { passwordCredentials: { username: '\ud800', password: 'x' } } },
    { displaynames: ['a\u0000', '\ud800'], uuids: ['\u0000'] },
    { user: { username: 'a@b.co', first_name: 'a\u0000', last_name: 'x' } },
    { user: { username: 'hostile@example.com', first_name: 'a', last_name: 'b', metadata: { n: 1 } } },
    { user: { metadata: [[[]]], affiliation: 'x' } },
    { application_credential: { name: 'a\u0000' } },
    { application_credential: { name: 'a', expires_at: '9999-99-99T00:00:00Z' } },
    { application_credential: { name: 'x', roles: [{ id: '__proto__' }] } },
    { label: '', form: 'hex', expires_at: '0000-01-01T00:00:00Z' },
    { label: 'a\u0000', form: 'hex', expires_at: null },
    { label: '', form: 'hex', expires_at: '2099-01-01T00:00:00+23:59' },
    { addGroup: { name: '\u0000' } },
    { __proto__: { activate: '' } },
    { name: 'a.org', end_date: '9999-12-31T23:59:59.999999+23:59', max_members: 1e300 },
    { cancel: { app_id: 2 ** 52, reason: 'x' } },
    { email: 'a@b.co', first_name: 'x'.repeat(151), last_name: '' },
  ];
  it.each(endpoints.filter((e) => e.contract.body).map((e) => [e.contract.method, e.contract.path, e.contract.access]))(
    'never 500, whatever is sent: %s %s',
    async (method, path, access) => {
      for (const body of HOSTILE) {
        const { status, text } = await s
          .as(access === 'service' ? service.token : people.admin.token)
          [method as 'post'](pathOf(path))
          .type('json')
          .send(JSON.stringify(body));
        expect([status < 500, JSON.stringify(body), text]).toEqual([true, JSON.stringify(body), text]);
      }
    },
  );
  it.each(endpoints.filter((e) => e.contract.method === 'get').map((e) => [e.contract.path, e.contract.access]))(
    'never 500, whatever the address: GET %s',
    async (path, access) => {
      for (const part of ['%00', '%E2%82', "'", '..%2F', 'x'.repeat(2000)])
        for (const query of ['', '?limit=x', '?limit=-1', '?marker=%27', '?name=%ED%A0%80&marker=00000000-0000-0000-0000-000000000000', '?marker=%00']) {
          const { status } = await s
            .as(access === 'service' ? service.token : people.admin.token)
            .get(path.replace(/[:*]\w+/g, part) + query)
            .redirects(0);
          expect([status < 500, part, query]).toEqual([true, part, query]);
        }
    },
  );
});
