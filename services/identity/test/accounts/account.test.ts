import { cpuOf } from '@nefos/testing';
import { people, service, useService } from '../support.js';

describe('user catalogs', () => {
  const s = useService({ env: { NEFOS_IDENTITY_CATALOGS_PER_MINUTE: '15' } });
  const ask = (token: string, body: object, path = '/account/v1.0/user_catalogs') => s.as(token).post(path).send(body);
  it("200: users in any state are found, the unknown left out, names keep the caller's spelling", async () => {
    await s.rows('update account set is_active = false where uuid = $1', [people.other.uuid]);
    expect(
      (
        await ask(people.user.token, {
          displaynames: ['OTHER@example.com', 'nobody@example.com', '__proto__', 'a\0b'],
          uuids: [people.other.uuid, 'no uuid', people.other.uuid.toUpperCase()],
        }).expect(200)
      ).body,
    ).toEqual({
      displayname_catalog: { 'OTHER@example.com': people.other.uuid },
      uuid_catalog: { [people.other.uuid]: people.other.email },
    });
    await s.rows('update account set is_active = true where uuid = $1', [people.other.uuid]);
  });
  it('200: null is everybody for a service, over many pages, and nobody for a user', async () => {
    await s.rows(
      `insert into account (uuid, username, email, first_name, last_name, default_project)
       select gen_random_uuid(), 'many' || n, 'many' || n, 'A', 'B', gen_random_uuid() from generate_series(1, 12000) n`,
    );
    const all = (await ask(service.token, { uuids: null }, '/account/v1.0/service/user_catalogs').expect(200)).body;
    expect([Object.keys(all.uuid_catalog).length, all.displayname_catalog]).toEqual([12_003, {}]);
    expect((await ask(people.user.token, { uuids: null, displaynames: null }).expect(200)).body).toEqual({
      displayname_catalog: {},
      uuid_catalog: {},
    });
  });
  it('400: more than a thousand for a user, not for a service', async () => {
    const displaynames = Array.from({ length: 1001 }, (_, i) => `many${i + 1}`);
    const { body } = await ask(people.user.token, { displaynames }).expect(400);
    expect(body.badRequest.message).toBe('At most 1000 entries in displaynames');
    expect(
      Object.keys(
        (await ask(service.token, { displaynames }, '/account/v1.0/service/user_catalogs').expect(200)).body
          .displayname_catalog,
      ),
    ).toHaveLength(1001);
  });
  it.each([1, '', {}, []])('400 at once: a megabyte of %j for names or uuids', async (item) => {
    const many = JSON.stringify(Array(Math.floor(1_000_000 / (JSON.stringify(item).length + 1))).fill(item));
    for (const [token, path] of [
      [people.user.token, '/account/v1.0/user_catalogs'],
      [service.token, '/account/v1.0/service/user_catalogs'],
    ] as const)
      for (const key of ['displaynames', 'uuids']) {
        const once = (): Promise<unknown> =>
          s.as(token).post(path).set('Content-Type', 'application/json').send(`{"${key}":${many}}`).expect(400);
        expect(Math.min(await cpuOf(once), await cpuOf(once))).toBeLessThan(400);
      }
  });
  it('429 with Retry-After: too many calls of one user; others are served', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 16; i += 1) statuses.push((await ask(people.user.token, {})).status);
    expect(statuses.at(-1)).toBe(429);
    expect((await ask(people.user.token, {}).expect(429)).headers['retry-after']).toMatch(/^\d+$/);
    await ask(people.other.token, {}).expect(200);
  });
});

describe('feedback', () => {
  const s = useService({ env: { NEFOS_IDENTITY_FEEDBACK_PER_HOUR: '3' } });
  const send = (token: string, message = 'all well') =>
    s.as(token).post('/account/v1.0/feedback').type('form').send({ feedback_msg: message, feedback_data: 'v1' });
  it('200: stored, then mailed with who sent it', async () => {
    await send(people.user.token).expect(200);
    await s.work();
    expect(s.mail.sent[0]).toMatchObject({
      to: 'root@localhost',
      replyTo: people.user.email,
      text: expect.stringContaining('all well'),
    });
    expect(await s.rows('select message, data from feedback where mailed_at is not null')).toEqual([
      { message: 'all well', data: 'v1' },
    ]);
  });
  it('429: more than a user may send in an hour', async () => {
    for (let i = 0; i < 3; i += 1) await send(people.other.token).expect(200);
    await send(people.other.token).expect(429);
  });
  it('400: no message, or a body of another type', async () => {
    expect((await send(people.admin.token, '').expect(400)).body.badRequest.message).toBe('Invalid data');
    await s.as(people.admin.token).post('/account/v1.0/feedback').type('json').send({ feedback_msg: 'x' }).expect(400);
  });
});

describe('project applications', () => {
  const s = useService();
  const wish = (more: object = {}) => ({ name: 'my.project.org', end_date: '2099-01-01T00:00:00+00:00', ...more });
  const apply = (body: object, token = people.user.token) => s.as(token).post('/account/v1.0/projects').send(body);
  it('201, 200, 200: applied for, shown, cancelled once; its numbers exact', async () => {
    const form = wish({ max_members: '4K', description: 'Ελλάδα' });
    const { id, application } = (await apply(form).expect(201)).body;
    const shown = await s.as(people.user.token).get(`/account/v1.0/projects/${id}`).expect(200);
    expect(shown.body).toMatchObject({
      id,
      state: 'uninitialized',
      name: 'my.project.org',
      owner: people.user.uuid,
      max_members: 4096,
      system_project: false,
      last_application: { id: application, state: 'pending' },
    });
    expect(shown.text).toContain('\\u0395');
    await s.as(people.other.token).get(`/account/v1.0/projects/${id}`).expect(403);
    const cancel = (token: string, app_id: unknown = application) =>
      s
        .as(token)
        .post(`/account/v1.0/projects/${id}/action`)
        .send({ cancel: { app_id, reason: '' } });
    await cancel(people.other.token).expect(403);
    await cancel(people.user.token, 1_000_000).expect(409);
    await cancel(people.user.token).expect(200);
    await cancel(people.user.token).expect(409);
    expect((await s.as(people.user.token).get(`/account/v1.0/projects/${id}`).expect(200)).body.state).toBe('deleted');
  });
  it('start_date is kept and shown; without one it is when the project was applied for', async () => {
    const shown = async (more: object) => {
      const { id } = (await apply(wish(more)).expect(201)).body;
      return (await s.as(people.user.token).get(`/account/v1.0/projects/${id}`).expect(200)).body;
    };
    expect((await shown({ start_date: '2098-01-31T02:00:00+02:00' })).last_application.start_date).toBe(
      '2098-01-31T00:00:00.000000+00:00',
    );
    for (const more of [{ start_date: null }, {}]) {
      const { last_application: last } = await shown(more);
      expect(Math.abs(Date.parse(last.start_date) - Date.now())).toBeLessThan(600_000);
    }
  });
  it('200: the list shows each project with its last application; the number of queries does not grow with them', async () => {
    const made: { id: string; application: number }[] = [];
    const queries = async (): Promise<number> => {
      let n = 0;
      const { pool } = s.db;
      const query = pool.query.bind(pool);
      pool.query = ((...args: unknown[]) => {
        n += 1;
        return (query as (...a: unknown[]) => unknown)(...args);
      }) as never;
      try {
        const listed = (await s.as(people.other.token).get('/account/v1.0/projects').expect(200)).body as {
          id: string;
          last_application?: { id: number };
        }[];
        expect(listed.filter((p) => p.last_application).map((p) => [p.id, p.last_application?.id])).toEqual(
          made.map((m) => [m.id, m.application]),
        );
      } finally {
        pool.query = query;
      }
      return n;
    };
    const add = async (name: string) => {
      made.push((await apply({ name, end_date: '2099-01-01' }, people.other.token).expect(201)).body);
    };
    await add('one.example.org');
    await queries();
    const few = await queries();
    for (const name of ['two', 'three', 'four']) await add(`${name}.example.org`);
    expect(await queries()).toBe(few);
  });
  it('exact numbers on the way in, too', async () => {
    const { id } = (
      await s
        .as(people.user.token)
        .post('/account/v1.0/projects')
        .type('json')
        .send('{"name":"big.project.org","end_date":"2099-01-01","max_members":9223372036854775807}')
        .expect(201)
    ).body;
    expect((await s.as(people.user.token).get(`/account/v1.0/projects/${id}`).expect(200)).text).toContain(
      '"max_members":9223372036854775807',
    );
    await s
      .as(people.user.token)
      .post('/account/v1.0/projects')
      .type('json')
      .send('{"name":"big.project.org","end_date":"2099-01-01","max_members":9223372036854775808}')
      .expect(400);
  });
  it('400: what is no application; 404: no project', async () => {
    for (const bad of [
      {},
      wish({ name: '' }),
      wish({ name: 'no domain' }),
      wish({ name: '-a.org' }),
      wish({ end_date: '2001-01-01' }),
      wish({ end_date: 'soon' }),
      wish({ join_policy: 'never' }),
      wish({ max_members: -1 }),
      wish({ owner: people.other.uuid }),
      wish({ resources: { 'no.such': { project_capacity: 1, member_capacity: 1 } } }),
      wish({ description: 'x'.repeat(5000) }),
    ])
      await apply(bad).expect(400);
    await s.as(people.user.token).get('/account/v1.0/projects/nothing').expect(404);
    for (const body of [
      {},
      { fly: {} },
      { cancel: {} },
      { cancel: 'x' },
      { cancel: { app_id: '1' } },
      { cancel: { app_id: 1 }, deny: { app_id: 1 } },
    ])
      await s.as(people.user.token).post('/account/v1.0/projects/x/action').send(body).expect(400);
  });
  it('the own projects, the system project first; 409 with too many applications', async () => {
    const list = (await s.as(people.user.token).get('/account/v1.0/projects').expect(200)).body;
    expect([list[0].id, list[0].system_project, list[0].max_members]).toEqual([people.user.uuid, true, 1]);
    await s.as(people.user.token).get('/account/v1.0/projects?state=none').expect(400);
    const statuses = [];
    for (let i = 0; i < 21; i += 1) statuses.push((await apply(wish(), people.other.token)).status);
    expect(statuses.at(-1)).toBe(409);
  });
});
