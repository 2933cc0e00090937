import { createMetrics } from '@nefos/service-kit';
import { cpuOf, httpAttacks, listenBare, sendAttack, findHarmful } from '@nefos/testing';
import { buildApp } from '../src/app.js';
import { people, useService } from './support.js';

jest.setTimeout(300_000);

describe('no text of a stranger takes the process for long', () => {
  const s = useService();
  it('paths, queries and headers', async () => {
    const server = await listenBare(buildApp({ ...s.ctx, metrics: createMetrics('identity', false) }));
    const parameters = [
      '/identity/v3/projects?name',
      '/identity/v3/projects?limit',
      '/identity/v2.0/tenants?marker',
      '/ui/login?next',
      '/ui/get_services?callback',
      '/account/v1.0/authenticate?format',
    ];
    try {
      const attacks = httpAttacks(['/identity/v2.0/tokens/', '/account/', '/ui/'], parameters);
      expect(await findHarmful(server.port, attacks, { 'X-Auth-Token': people.admin.token })).toEqual([]);
    } finally {
      await server.close();
    }
  });
  it('400: a body that is all quotes and backslashes is no JSON, and known as such at once', async () => {
    const body = `"${'\\"'.repeat(120_000)}`;
    const headers = { 'Content-Type': 'application/json', 'X-Auth-Token': people.user.token };
    let status = 0;
    const ms = await cpuOf(async () => {
      status = await sendAttack(s.port, { path: '/account/v1.0/projects' }, headers, body);
    });
    expect([status, ms < 2000]).toEqual([400, true]);
  });
});
