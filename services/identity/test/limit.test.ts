import { people, service, useService } from './support.js';

describe('limit of a list', () => {
  const s = useService();
  const admin = () => s.as(people.admin.token);
  const LISTS: [string, string][] = [
    ['/identity/v2.0/users', 'users'],
    ['/identity/v2.0/tenants', 'tenants'],
    ['/identity/v3/users', 'users'],
    ['/identity/v3/projects', 'projects'],
    ['/identity/v3/role_assignments', 'role_assignments'],
  ];
  const ask = (path: string, limit: string) => admin().get(`${path}?limit=${limit}`);

  it.each(LISTS)('200: more than there may be is as many as there may be: %s', async (path, key) => {
    const all = (await admin().get(path).expect(200)).body[key] as unknown[];
    expect(all.length).toBeGreaterThan(0);
    for (const limit of ['1001', '1000000000', '99999999999999999999999', '1_000', '%201000%20'])
      expect([limit, (await ask(path, limit).expect(200)).body[key]]).toEqual([limit, all]);
    expect((await ask(path, '1').expect(200)).body[key]).toEqual(all.slice(0, 1));
  });
  it.each(LISTS)('400: what is no number above zero: %s', async (path) => {
    for (const limit of ['0', '-1', '', 'x', '1.5', '1e2', '0x10', 'Infinity'])
      expect([limit, (await ask(path, limit)).status]).toEqual([limit, 400]);
  });
  it("200 and 400: a token's endpoints, and where the page begins", async () => {
    const path = `/identity/v2.0/tokens/${people.admin.token}/endpoints`;
    const all = (await admin().get(path).expect(200)).body.endpoints as unknown[];
    expect((await ask(path, '1000000000').expect(200)).body.endpoints).toEqual(all);
    expect((await admin().get(`${path}?marker=99999999999999999999`).expect(200)).body.endpoints).toEqual([]);
    for (const marker of ['-1', 'x', '1e1', ''])
      expect([marker, (await admin().get(`${path}?marker=${marker}`)).status]).toEqual([marker, 400]);
  });
  it('200: of the component', async () => {
    const { body } = await s.as(service.token).get('/internal/v1/user-states?limit=1000000').expect(200);
    expect(body).toEqual((await s.as(service.token).get('/internal/v1/user-states').expect(200)).body);
  });
});
