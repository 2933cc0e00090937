import { httpAttacks, listenBare, findHarmful } from '@nefos/testing';
import { plainUrl } from '../src/app.js';
import { useService } from './support.js';

jest.setTimeout(300_000);

describe('no text of a stranger takes the process for long', () => {
  const service = useService();
  it('a path of 30,000 slashes is read at once', () => {
    const start = process.cpuUsage();
    for (let i = 0; i < 100; i += 1) plainUrl(`/api/${'/'.repeat(30_000)}x`);
    expect(process.cpuUsage(start).user / 1000).toBeLessThan(2000);
    expect(plainUrl('/backend/staffapi/clients//?x=/')).toBe('/staffapi/clients?x=/');
    expect([plainUrl('/'), plainUrl('//'), plainUrl('/backend'), plainUrl('/backend/')]).toEqual([
      '/',
      '/',
      '/backend',
      '/',
    ]);
  });
  it('paths, queries and headers', async () => {
    const server = await listenBare(service.app);
    const lists = ['page', 'page_size', 'ordering', 'search', 'filtering', 'external_billing_id'].map(
      (name) => `/staffapi/clients?${name}`,
    );
    const others = [
      '/staffapi/openstack/flavors?client',
      '/staffapi/clients/get_clients_to_invoice?uptodate_credit_max',
      '/staffapi/users?filtering=date_joined__gt',
    ];
    try {
      const attacks = httpAttacks(['/staffapi/clients/', '/api/', '/backend/'], [...lists, ...others]);
      expect(await findHarmful(server.port, attacks, { Authorization: `Token ${service.tokens.staff}` })).toEqual([]);
    } finally {
      await server.close();
    }
  });
});
