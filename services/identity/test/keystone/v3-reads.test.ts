import { randomUUID } from 'node:crypto';
import { endpoints } from '../../src/endpoints.js';
import { people, service, useService } from '../support.js';

/** Reads of v3, whoever asks: HEAD as GET, and refusals in Keystone's form and words. */
describe('reads of v3', () => {
  const s = useService();
  const V3 = '/identity/v3';
  const facts = { service: '', endpoint: '', credential: '' };
  beforeAll(async () => {
    const { services } = await s.ctx.directory.get();
    const [one] = services;
    const { body } = await s
      .as(people.user.token)
      .post(`${V3}/users/${people.user.uuid}/application_credentials`)
      .send({ application_credential: { name: 'read' } })
      .expect(201);
    Object.assign(facts, {
      service: String(one?.id),
      endpoint: String(one?.endpoints[0]?.id),
      credential: (body as { application_credential: { id: string } }).application_credential.id,
    });
  });
  const READS = endpoints.map((e) => e.contract).filter((c) => c.method === 'get' && c.path.startsWith(V3));
  /** The path with things that are there, of the user. */
  const filled = (path: string): string =>
    path
      .replace('/services/:id', `/services/${facts.service}`)
      .replace('/endpoints/:id', `/endpoints/${facts.endpoint}`)
      .replace(/\/(domains|regions)\/:(id|domain)/, '/$1/default')
      .replace('/roles/:id', '/roles/member')
      .replace('/groups/:id', '/groups/1')
      .replace(':credential', facts.credential)
      .replace(':role', 'member')
      .replace(/:\w+/g, people.user.uuid);

  it.each(READS.map((c) => [c.path]))('HEAD is answered as GET, without a body: %s', async (path) => {
    for (const token of [people.user.token, people.other.token, people.admin.token, service.token, 'x'.repeat(40)]) {
      const ask = (method: 'get' | 'head') =>
        s.as(token)[method](filled(path)).set('X-Subject-Token', people.user.token).redirects(0);
      const [got, head] = [await ask('get'), await ask('head')];
      const shown = ['content-length', 'content-type', 'vary', 'www-authenticate', 'x-subject-token'];
      expect([head.status, head.text, shown.map((name) => head.header[name] as string)]).toEqual([
        got.status,
        undefined,
        shown.map((name) => got.header[name] as string),
      ]);
      expect(got.status).toBeLessThan(500);
    }
  });
  it('401, 403, 405: in the form and the words of Keystone', async () => {
    const unknown = await s.as('x'.repeat(40)).get(`${V3}/users`).expect(401);
    const none = await s.api().get(`${V3}/users`).expect(401);
    for (const { body, header } of [unknown, none]) {
      expect(body).toEqual({
        error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
      });
      expect(header['www-authenticate']).toBe('Keystone uri="http://gateway.test/identity/v3"');
    }
    for (const path of [
      'users',
      `users/${people.other.uuid}`,
      `users?name=${people.other.email}`,
      'projects?name=another',
      'role_assignments',
      'role_assignments?include_names&effective',
      'groups',
      `users/${people.other.uuid}/application_credentials`,
      `projects/${people.other.uuid}/users/${people.other.uuid}/roles`,
      `system/users/${people.other.uuid}/roles/admin`,
    ]) {
      const { body } = await s.as(people.user.token).get(`${V3}/${path}`).expect(403);
      expect([path, body]).toEqual([
        path,
        {
          error: { code: 403, title: 'Forbidden', message: 'You are not authorized to perform the requested action.' },
        },
      ]);
    }
    const { body, header } = await s.as(people.admin.token).delete(`${V3}/users`).expect(405);
    expect([(body as { error: { code: number } }).error.code, header.allow]).toEqual([405, 'GET, HEAD']);
  });
  it('404: Keystone’s sentence names what was asked for', async () => {
    const absent = randomUUID();
    const { uuid } = people.user;
    for (const [path, message] of [
      [`users/${absent}`, `Could not find user: ${absent}.`],
      [`projects/${absent}`, `Could not find project: ${absent}.`],
      [`groups/${absent}`, `Could not find group: ${absent}.`],
      ['domains/other', 'Could not find domain: other.'],
      ['roles/other', 'Could not find role: other.'],
      ['services/other', 'Could not find service: other.'],
      ['endpoints/other', 'Could not find endpoint: other.'],
      ['regions/other%20one', 'Could not find region: other one.'],
      [`projects/${uuid}/users/${uuid}/roles/other`, 'Could not find role: other.'],
      [`projects/${absent}/users/${uuid}/roles`, `Could not find project: ${absent}.`],
      [`groups/1/users/${absent}`, `Could not find user: ${absent}.`],
      [`users/${uuid}/application_credentials/other`, 'Could not find Application Credential: other.'],
      [`users/${'x'.repeat(3000)}`, `Could not find user: ${'x'.repeat(255)}.`],
    ] as const) {
      const { body } = await s.as(people.admin.token).get(`${V3}/${path}`).expect(404);
      expect(body).toEqual({ error: { code: 404, title: 'Not Found', message } });
    }
    // What only the body names is not taken for what the path names.
    const { body } = await s
      .as(people.admin.token)
      .patch(`${V3}/users/${uuid}`)
      .send({ user: { default_project_id: absent } });
    expect(JSON.stringify(body)).not.toContain(`project: ${uuid}`);
  });
});
