import type { Endpoint } from '@nefos/service-kit';
import { endpoints } from '../src/api/endpoints.js';
import type { IdentityCtx } from '../src/ctx.js';
import { people, service, useService } from './support.js';

/** Endpoints that nobody needs a token for, each with its reason. The list may only shrink. */
const PUBLIC: Record<string, string> = {
  'get /ui/get_services': 'the cloud bar of pages that nobody signed in to', 'get /ui/get_menu': 'tells an anonymous browser to sign in', 'get /account/v1.0/resources': 'contract §7.4', 'post /identity/v2.0/tokens': 'the credentials are in the body',
  'get /identity/v2.0/tokens/*id': '404 without a token, contract §7.2', 'get /identity/v2.0/tokens/*id/endpoints': '403 without the very token, contract §7.2', 'post /identity/v3/auth/tokens': 'the credentials are in the body',
  'get /identity': 'discovery', 'get /identity/v2.0': 'discovery', 'get /identity/v3': 'discovery', 'get /identity/v2.0/extensions': 'discovery',
  'get /ui': 'redirects', 'get /ui/login': 'the sign-in form', 'post /ui/login': 'the credentials are in the body', 'get /ui/logout': 'ends the session if there is one', 'get /ui/landing': 'redirects to the sign-in form',
};
const nameOf = ({ contract }: Endpoint<IdentityCtx>): string => `${contract.method} ${contract.path}`;
const pathOf = (path: string): string => path.replace(/[:*]\w+/g, '00000000-0000-4000-8000-000000000000');
const guarded = endpoints.filter((e) => !(nameOf(e) in PUBLIC));

describe('who may call at all', () => {
  const s = useService();
  it('the list of public endpoints has nothing that does not exist', () => { expect(Object.keys(PUBLIC).filter((name) => !endpoints.some((e) => nameOf(e) === name))).toEqual([]); });
  it.each(guarded.flatMap((e) => [e.contract.path, ...(e.contract.aliases ?? [])].map((path) => [e.contract.method, path])))('401: %s %s without and with an unknown token', async (method, path) => {
    const call = () => s.api()[method as 'get'](pathOf(path));
    await call().expect(401);
    await call().set('X-Auth-Token', 'nothing-of-the-kind-000000000000').expect(401);
    await call().set('Authorization', 'Bearer nothing-of-the-kind-000000000000').expect(401);
  });
  it.each(guarded.filter((e) => e.contract.access === 'admin').map((e) => [e.contract.method, e.contract.path]))('403: %s %s for an ordinary user', async (method, path) => { await s.as(people.user.token)[method as 'get'](pathOf(path)).expect(403); });
  it.each(guarded.filter((e) => e.contract.access === 'service').map((e) => [e.contract.method, e.contract.path]))('401: %s %s for a user', async (method, path) => { await s.as(people.admin.token)[method as 'get'](pathOf(path)).expect(401); });
  it.each(guarded.filter((e) => e.contract.access !== 'service' && e.contract.path !== '/identity/v3/auth/tokens').map((e) => [e.contract.method, e.contract.path]))('never a success for a component: %s %s', async (method, path) => {
    const { status } = await s.as(service.token)[method as 'get'](pathOf(path)).send(method === 'get' ? undefined : {});
    // Lists that hold nobody's data are open to components on v3.
    expect([...(/v3\/(domains|roles|services|endpoints|regions)/.test(path) ? [200] : []), 400, 401, 403, 404]).toContain(status);
  });
});
