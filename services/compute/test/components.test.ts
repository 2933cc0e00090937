import { randomUUID } from 'node:crypto';
import { endpoints } from '../src/endpoints.js';
import { useService } from './support.js';

describe('components', () => {
  const service = useService();
  it('403: no component, whatever it is trusted with elsewhere, calls anything here', async () => {
    const token = randomUUID();
    service.identity.tokens.set(token, {
      kind: 'component',
      uuid: 'component:nefos-compute',
      displayName: 'nefos-compute',
      roles: ['service', 'users.manage', 'events.send'],
      via: 'token',
    });
    for (const { contract } of endpoints) {
      if (contract.access === 'public') continue;
      const res = await service.as(token)[contract.method as 'get'](contract.path.replace(/:\w+/g, '1'));
      expect([contract.method, contract.path, res.status]).toEqual([contract.method, contract.path, 403]);
    }
  });
});
