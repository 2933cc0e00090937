import { randomUUID } from 'node:crypto';
import { createComponent } from '../../src/catalog/domain/components.js';
import { login, people, service, useService } from '../support.js';

interface V3Token {
  project?: { id: string; name: string };
  roles: { name: string }[];
}

describe('projects of components', () => {
  const s = useService();
  let sequence = 0;
  const put = (uuid: string, told: object = {}, token = service.token) =>
    s
      .as(token)
      .put(`/internal/v1/projects/${uuid}`)
      .send({
        name: `project ${uuid}`,
        description: 'a client',
        enabled: true,
        members: [people.user.uuid],
        sequence: (sequence += 1),
        ...told,
      });
  const end = (uuid: string, at = (sequence += 1)) =>
    s.as(service.token).delete(`/internal/v1/projects/${uuid}?sequence=${at}`);
  const made = async (told: object = {}): Promise<string> => {
    const uuid = randomUUID();
    await put(uuid, told).expect(204);
    return uuid;
  };
  const scoped = async (project: object, who = people.user): Promise<{ token: string; body: V3Token }> => {
    const { header, body } = await login(s, who, { project }).expect(201);
    return { token: header['x-subject-token'] as string, body: (body as { token: V3Token }).token };
  };
  const validates = async (token: string): Promise<number> =>
    (await s.as(service.token).get('/identity/v3/auth/tokens').set('X-Subject-Token', token)).status;

  it('201: a member scopes by id, and by name and domain; the token has the project and the roles of a member', async () => {
    const uuid = await made();
    const byId = await scoped({ id: uuid });
    const byName = await scoped({ name: `project ${uuid}`, domain: { id: 'default' } });
    for (const { body } of [byId, byName]) {
      expect(body.project).toEqual({ id: uuid, name: `project ${uuid}`, domain: { id: 'default', name: 'Default' } });
      expect(body.roles.map((r) => r.name).sort()).toEqual(['member', 'reader']);
    }
  });
  it('201: a superuser who is a member has the roles of a member there, and is no administrator with that token', async () => {
    const uuid = await made({ members: [people.admin.uuid] });
    const { token, body } = await scoped({ id: uuid }, people.admin);
    expect(body.roles.map((r) => r.name).sort()).toEqual(['member', 'reader']);
    await s.as(token).get('/identity/v3/users').expect(403);
  });
  it('401: whoever is no member, also of a superuser; by another domain; of a project that is unknown', async () => {
    const uuid = await made();
    await login(s, people.other, { project: { id: uuid } }).expect(401);
    await login(s, people.admin, { project: { name: `project ${uuid}` } }).expect(401);
    await login(s, people.user, { project: { name: `project ${uuid}`, domain: { id: 'other' } } }).expect(401);
    await login(s, people.user, { project: { id: randomUUID() } }).expect(401);
  });
  it('200: the lists of v3 and v2.0 and the role assignments show it to its members and to administrators', async () => {
    const uuid = await made();
    const names = async (token: string, path: string): Promise<string[]> => {
      const { body } = await s.as(token).get(path).expect(200);
      const { projects, tenants = [] } = body as { projects?: { id: string }[]; tenants?: { id: string }[] };
      return (projects ?? tenants).map((p) => p.id);
    };
    const { token } = people.user;
    const byName = `/identity/v3/projects?name=project%20${uuid}`;
    for (const path of ['/identity/v3/auth/projects', byName, '/identity/v2.0/tenants'])
      expect(await names(token, path)).toContain(uuid);
    for (const caller of [token, people.admin.token])
      expect(await names(caller, `/identity/v3/users/${people.user.uuid}/projects`)).toEqual(
        expect.arrayContaining([people.user.uuid, uuid]),
      );
    expect(await names(people.admin.token, byName)).toEqual([uuid]);
    await s.as(people.other.token).get(byName).expect(403);
    await s.as(token).get(`/identity/v3/projects/${uuid}`).expect(200);
    await s.as(people.other.token).get(`/identity/v3/projects/${uuid}`).expect(403);
    const { body } = await s
      .as(people.admin.token)
      .get(`/identity/v3/role_assignments?scope.project.id=${uuid}&effective`)
      .expect(200);
    expect(
      (body as { role_assignments: { role: { id: string }; user: { id: string } }[] }).role_assignments.map((a) => [
        a.user.id,
        a.role.id,
      ]),
    ).toEqual([
      [people.user.uuid, 'reader'],
      [people.user.uuid, 'member'],
    ]);
    const roles = await s.as(token).get(`/identity/v3/projects/${uuid}/users/${people.user.uuid}/roles`).expect(200);
    expect((roles.body as { roles: { name: string }[] }).roles.map((r) => r.name)).toEqual(['member']);
  });
  it('404: tokens and application credentials end at once with the membership, here and at a replica', async () => {
    const uuid = await made({ members: [people.user.uuid, people.other.uuid] });
    const replica = await s.replica();
    const [mine, others, own] = [
      await scoped({ id: uuid }),
      await scoped({ id: uuid }, people.other),
      await scoped({ id: people.user.uuid }),
    ];
    const created = await s
      .as(mine.token)
      .post(`/identity/v3/users/${people.user.uuid}/application_credentials`)
      .send({ application_credential: { name: 'in the project' } })
      .expect(201);
    const {
      id,
      secret,
      project_id: projectId,
    } = (created.body as { application_credential: { id: string; secret: string; project_id: string } })
      .application_credential;
    expect(projectId).toBe(uuid);
    const byCredential = () =>
      s
        .api()
        .post('/identity/v3/auth/tokens')
        .send({ auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } } });
    const credentialToken = (await byCredential().expect(201)).header['x-subject-token'] as string;
    for (const token of [mine.token, credentialToken, others.token, own.token])
      expect(await validates(token)).toBe(200);
    expect(await replica.ctx.tokens.find(mine.token)).toBeDefined();

    await put(uuid, { members: [people.other.uuid] }).expect(204);
    expect(await validates(mine.token)).toBe(404);
    expect(await validates(credentialToken)).toBe(404);
    await byCredential().expect(401);
    expect(await validates(others.token)).toBe(200);
    expect(await validates(own.token)).toBe(200);
    await login(s, people.user, { project: { id: uuid } }).expect(401);
  });
  it('404: a disabled project has no tokens; its credentials work again when it is enabled', async () => {
    const uuid = await made();
    const { token } = await scoped({ id: uuid });
    const created = await s
      .as(token)
      .post(`/identity/v3/users/${people.user.uuid}/application_credentials`)
      .send({ application_credential: { name: 'stays' } })
      .expect(201);
    const { id, secret } = (created.body as { application_credential: { id: string; secret: string } })
      .application_credential;
    const byCredential = () =>
      s
        .api()
        .post('/identity/v3/auth/tokens')
        .send({ auth: { identity: { methods: ['application_credential'], application_credential: { id, secret } } } });
    await put(uuid, { enabled: false }).expect(204);
    expect(await validates(token)).toBe(404);
    await login(s, people.user, { project: { id: uuid } }).expect(401);
    await byCredential().expect(401);
    await put(uuid).expect(204);
    await byCredential().expect(201);
  });
  it('204: ended, twice; what is told late changes nothing and brings nothing back', async () => {
    const uuid = await made();
    const { token } = await scoped({ id: uuid });
    const early = sequence;
    await put(uuid, { name: `new ${uuid}` }).expect(204);
    await put(uuid, { name: 'old', sequence: early }).expect(204);
    expect((await scoped({ name: `new ${uuid}` })).body.project?.id).toBe(uuid);
    await end(uuid).expect(204);
    expect(await validates(token)).toBe(404);
    await end(uuid).expect(204);
    await put(uuid, { sequence: early + 1 }).expect(204);
    await login(s, people.user, { project: { id: uuid } }).expect(401);
    await s.as(people.admin.token).get(`/identity/v3/projects/${uuid}`).expect(404);
    const never = randomUUID();
    await end(never, 10_000).expect(204);
    await put(never, { sequence: 9_999 }).expect(204);
    await login(s, people.user, { project: { id: never } }).expect(401);
  });
  it("403: another component's project, and a user's own one, also before that exists", async () => {
    const uuid = await made();
    const { token } = await createComponent(s.act, { name: 'other', url: '/', rights: ['users.manage'] });
    await put(uuid, {}, token).expect(403);
    await s.as(token).delete(`/internal/v1/projects/${uuid}?sequence=1`).expect(403);
    await put(people.user.uuid).expect(403);
    const pending = randomUUID();
    await s
      .as(service.token)
      .put(`/internal/v1/users/${pending}`)
      .send({ email: 'pending@example.com', first_name: 'A', last_name: 'B' })
      .expect(200);
    await put(pending).expect(403);
  });
  it('404, 401: of sign-ins that race the end of the membership no token is left', async () => {
    for (let round = 0; round < 5; round += 1) {
      const uuid = await made();
      const parent = (await login(s, people.user, 'unscoped').expect(201)).header['x-subject-token'] as string;
      const attempt = () =>
        s
          .api()
          .post('/identity/v3/auth/tokens')
          .send({
            auth: { identity: { methods: ['token'], token: { id: parent } }, scope: { project: { id: uuid } } },
          });
      const answers = await Promise.all([attempt(), attempt(), put(uuid, { members: [] }), attempt(), attempt()]);
      const tokens = answers.flatMap(({ header }) => header['x-subject-token'] ?? []);
      expect(answers.every(({ status }) => [201, 204, 401].includes(status))).toBe(true);
      for (const token of tokens) expect(await validates(token)).toBe(404);
      expect(await s.rows('select 1 from token where project = $1 and revoked_at is null', [uuid])).toEqual([]);
    }
  });
  it('409: the name of another project; it is free when that one has ended', async () => {
    const uuid = await made({ name: 'taken' });
    const next = randomUUID();
    expect((await put(next, { name: 'taken' }).expect(409)).body).toMatchObject({
      error: { reason: 'project.name_taken' },
    });
    await end(uuid).expect(204);
    await put(next, { name: 'taken' }).expect(204);
  });
  it('400: more members than a project may have, and a number that is no number of a change', async () => {
    await put(randomUUID(), { members: Array.from({ length: 1001 }, () => randomUUID()) }).expect(400);
    await put(randomUUID(), { sequence: 0 }).expect(400);
    await s.as(service.token).delete(`/internal/v1/projects/${randomUUID()}?sequence=x`).expect(400);
  });
});
