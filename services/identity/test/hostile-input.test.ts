import { endpoints } from '../src/endpoints.js';
import { people, service, useService } from './support.js';

const pathOf = (path: string): string => path.replace(/[:*]\w+/g, '00000000-0000-4000-8000-000000000000');

describe('never 500', () => {
  const s = useService();
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
        for (const query of [
          '',
          '?limit=x',
          '?limit=-1',
          '?marker=%27',
          '?name=%ED%A0%80&marker=00000000-0000-0000-0000-000000000000',
          '?marker=%00',
        ]) {
          const { status } = await s
            .as(access === 'service' ? service.token : people.admin.token)
            .get(path.replace(/[:*]\w+/g, part) + query)
            .redirects(0);
          expect([status < 500, part, query]).toEqual([true, part, query]);
        }
    },
  );
});
