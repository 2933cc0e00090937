import type { Contract, Principal } from '@nefos/contracts';
import request from 'supertest';
import { internalEndpoints, publicEndpoints } from '../src/endpoints.js';
import { makeLife, TOKENS, useService } from './support.js';

/** As identity tells who they are: what a component is trusted with is among its roles. */
const COMPONENTS: Record<string, string[]> = {
  'nefos-compute': ['service', 'users.manage', 'events.send'],
  'nefos-metering': ['service'],
  'nefos-operator': ['service'],
  'a user manager': ['service', 'users.manage'],
};

describe('which component may call what', () => {
  const service = useService();
  beforeAll(() => {
    for (const [name, roles] of Object.entries(COMPONENTS))
      service.tokens.set(name.replaceAll(' ', '-'), {
        kind: 'component',
        uuid: `component:${name}`,
        displayName: name,
        roles,
        via: 'x-auth-token',
      } satisfies Principal);
  });
  const call = ({ method, path }: Contract, token: string) =>
    request(service.app)[method as 'get'](path.replace(/:\w+/g, '1')).set('X-Auth-Token', token);

  it.each(Object.keys(COMPONENTS))('%s: events from compute alone, and nothing that is for users', async (name) => {
    const token = name.replaceAll(' ', '-');
    const { event } = makeLife();
    const res = await request(service.app)
      .post('/internal/v1/events')
      .set('X-Auth-Token', token)
      .send({ events: [event('power_on', '2019-07-10T01:00:00Z')] });
    expect([name, res.status]).toEqual([name, name === 'nefos-compute' ? 200 : 403]);
    if (res.status === 403) expect(res.body).toEqual({ error: 'component.not_trusted' });
    for (const { contract } of publicEndpoints)
      if (contract.access !== 'public')
        expect([contract.method, contract.path, (await call(contract, token)).status]).toEqual([
          contract.method,
          contract.path,
          403,
        ]);
  });
  it('403: a person, with whatever roles, tells no events', async () => {
    const person = service.tokens.get(TOKENS.person) as Principal;
    service.tokens.set('groups', { ...person, roles: ['service', 'events.send'] });
    for (const { contract } of internalEndpoints) expect((await call(contract, 'groups')).status).toBe(403);
  });
});
