import { randomUUID } from 'node:crypto';
import { login, people, service, useService } from '../support.js';

/**
 * The clients' commands take a project by its id or name and look it up before they go on: `projects/{word}`, then
 * `projects?name={word}`, and 6.0.0 all projects. On 403 they take the word as the id.
 */
describe('projects that a user asks for by a word', () => {
  const s = useService();
  const V3 = '/identity/v3';
  const foreign = randomUUID();
  const own = randomUUID();
  const disabled = randomUUID();
  const FORBIDDEN = {
    error: { code: 403, title: 'Forbidden', message: 'You are not authorized to perform the requested action.' },
  };
  const get = (path: string, token = people.user.token) => s.as(token).get(`${V3}/${path}`);
  const ids = (body: unknown): string[] => (body as { projects: { id: string }[] }).projects.map((p) => p.id);

  beforeAll(async () => {
    const put = (uuid: string, name: string, members: string[], enabled = true) =>
      s
        .as(service.token)
        .put(`/internal/v1/projects/${uuid}`)
        .send({ name, description: 'secret words', enabled, members, sequence: 1 })
        .expect(204);
    await put(foreign, 'Foreign (2)', [people.other.uuid]);
    await put(own, 'Own (1)', [people.user.uuid]);
    await put(disabled, 'Disabled (3)', [people.user.uuid], false);
  });

  const WORDS: [what: string, word: string][] = [
    ["another's", foreign],
    ["another's name", 'Foreign (2)'],
    ["another's own one", people.other.uuid],
    ["the name of another's own one", `system:${people.other.uuid}`],
    ['a disabled one, which nobody may scope to', disabled],
    ['the name of a disabled one', 'Disabled (3)'],
    ['an absent one', randomUUID()],
    ['an absent name', 'nothing'],
    ['a number', '42'],
    ['a long word', 'x'.repeat(3000)],
  ];
  it.each(WORDS)('403, in the same words whether it is there or not: %s', async (_what, word) => {
    const shown = encodeURIComponent(word);
    for (const path of [
      `projects/${shown}`,
      `projects?name=${shown}`,
      `projects?name=${shown}&domain_id=default`,
      `projects?name=${shown}&user_id=${people.user.uuid}`,
      `projects?name=${shown}&enabled=true&limit=1&marker=${foreign}`,
    ]) {
      const { body, text } = await get(path).expect(403);
      expect([path, body]).toEqual([path, FORBIDDEN]);
      expect((await s.as(people.user.token).head(`${V3}/${path}`).expect(403)).text).toBeUndefined();
      expect(text).not.toContain('secret words');
    }
  });
  it.each(['', '?enabled=true', '?domain_id=default', `?user_id=${people.user.uuid}`])(
    '200: without a name a user sees the own ones, an administrator all: projects%s',
    async (query) => {
      const mine = ids((await get(`projects${query}`).expect(200)).body);
      expect(mine).toContain(own);
      expect(mine).not.toContain(foreign);
      await get(`projects${query}`, service.token).expect(403);
      expect(ids((await get('projects', people.admin.token).expect(200)).body)).toContain(foreign);
    },
  );
  it('200: the own ones, by their names, by their ids, and where the clients look after a 403', async () => {
    expect(ids((await get('projects?name=Own%20(1)').expect(200)).body)).toEqual([own]);
    expect(ids((await get(`projects?name=Own%20(1)&domain_id=default`).expect(200)).body)).toEqual([own]);
    expect(ids((await get('projects?name=Own%20(1)&enabled=false').expect(200)).body)).toEqual([]);
    await get('projects?name=Own%20(1)&domain_id=other').expect(403);
    await get(`projects/${own}`).expect(200);
    expect(ids((await get(`users/${people.user.uuid}/projects`).expect(200)).body)).toEqual(
      expect.arrayContaining([people.user.uuid, own]),
    );
    await get(`users/${people.other.uuid}/projects`).expect(403);
    await get(`users/${randomUUID()}/projects`).expect(403);
  });
  it('403: an administrator is a member as any other with a token of a client’s project', async () => {
    const uuid = randomUUID();
    await s
      .as(service.token)
      .put(`/internal/v1/projects/${uuid}`)
      .send({ name: 'Staff (4)', description: '', enabled: true, members: [people.admin.uuid], sequence: 1 })
      .expect(204);
    const { header } = await login(s, people.admin, { project: { id: uuid } }).expect(201);
    const token = header['x-subject-token'] as string;
    expect(ids((await get('projects', token).expect(200)).body)).not.toContain(foreign);
    await get(`projects/${foreign}`, token).expect(403);
    expect(ids((await get('projects?name=Staff%20(4)', token).expect(200)).body)).toEqual([uuid]);
  });
  it('404: an administrator is told that there is none', async () => {
    const absent = randomUUID();
    const { body } = await get(`projects/${absent}`, people.admin.token).expect(404);
    expect(body).toEqual({ error: { code: 404, title: 'Not Found', message: `Could not find project: ${absent}.` } });
    expect(ids((await get('projects?name=nothing', people.admin.token).expect(200)).body)).toEqual([]);
  });
});
