import { randomUUID } from 'node:crypto';
import { login, people, service, useService } from '../support.js';

const TOKENS = '/identity/v3/auth/tokens';
const REFUSED = {
  error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
};

describe('a token made from a token', () => {
  const s = useService();
  let sequence = 0;
  const put = (uuid: string, more: object = {}) =>
    s
      .as(service.token)
      .put(`/internal/v1/projects/${uuid}`)
      .send({
        name: `project ${uuid}`,
        description: '',
        enabled: true,
        members: [people.user.uuid],
        sequence: (sequence += 1),
        ...more,
      })
      .expect(204);
  const made = async (more: object = {}): Promise<string> => {
    const uuid = randomUUID();
    await put(uuid, more);
    return uuid;
  };
  const tokenOf = async (scope: unknown, who = people.user): Promise<string> =>
    (await login(s, who, scope).expect(201)).header['x-subject-token'] as string;
  const rescope = (id: string, scope?: unknown) =>
    s
      .api()
      .post(TOKENS)
      .send({ auth: { identity: { methods: ['token'], token: { id } }, ...(scope !== undefined && { scope }) } });
  const validates = async (token: string): Promise<number> =>
    (await s.as(service.token).get(TOKENS).set('X-Subject-Token', token)).status;
  const project = (id: string): object => ({ project: { id } });

  it('401, in the same words: a foreign project, an absent, a disabled and an ended one, by id and by name', async () => {
    const foreign = await made({ members: [people.other.uuid] });
    const disabled = await made({ enabled: false });
    const ended = await made();
    await s
      .as(service.token)
      .delete(`/internal/v1/projects/${ended}?sequence=${(sequence += 1)}`)
      .expect(204);
    const own = await made();
    for (const parent of [await tokenOf('unscoped'), await tokenOf(project(own)), people.user.token]) {
      for (const id of [foreign, disabled, ended, randomUUID(), people.other.uuid, 'nothing'])
        for (const scope of [
          project(id),
          { project: { name: `project ${id}`, domain: { id: 'default' } } },
          { project: { name: `project ${id}`, domain: { name: 'other' } } },
        ])
          expect((await rescope(parent, scope).expect(401)).body).toEqual(REFUSED);
      await rescope(parent, project(own)).expect(201);
    }
    await rescope(people.user.token, { system: { all: true } }).expect(401);
    await rescope(people.user.token, { domain: { id: 'default' } }).expect(401);
  });
  it('201: from one project to another and back; 404: the child with the parent, and 401 from either', async () => {
    const [a, b] = [await made(), await made()];
    const parent = await tokenOf(project(a));
    const there = await rescope(parent, project(b)).expect(201);
    expect(there.body).toMatchObject({ token: { methods: ['password', 'token'], project: { id: b } } });
    const child = there.header['x-subject-token'] as string;
    expect((await rescope(child, project(a)).expect(201)).body).toMatchObject({ token: { project: { id: a } } });
    expect((await rescope(child).expect(201)).body).toMatchObject({ token: { project: { id: b } } });
    await s.as(parent).delete(TOKENS).set('X-Subject-Token', parent).expect(204);
    expect([await validates(parent), await validates(child)]).toEqual([404, 404]);
    for (const dead of [parent, child]) expect((await rescope(dead, project(b)).expect(401)).body).toEqual(REFUSED);
  });
  it('401: the membership has ended, of the parent’s project or of the wanted one', async () => {
    const [a, b] = [await made(), await made()];
    const inA = await tokenOf(project(a));
    const inB = await tokenOf(project(b));
    const fromA = (await rescope(inA, project(b)).expect(201)).header['x-subject-token'] as string;
    await put(a, { members: [] });
    expect([await validates(inA), await validates(fromA), await validates(inB)]).toEqual([404, 404, 200]);
    await rescope(inA, project(b)).expect(401);
    await rescope(fromA, project(b)).expect(401);
    expect((await rescope(inB, project(a)).expect(401)).body).toEqual(REFUSED);
    await rescope(inB, 'unscoped').expect(201);
    // A new membership does not bring them back.
    await put(a);
    expect(await validates(inA)).toBe(404);
    await rescope(inB, project(a)).expect(201);
  });
  it('401: an expired token, one of an inactive user, a component’s', async () => {
    const parent = await tokenOf('unscoped', people.other);
    await s.rows("update token set expires_at = now() - interval '1 second' where hint = $1", [parent.slice(0, 6)]);
    s.ctx.tokens.forget('all');
    expect((await rescope(parent).expect(401)).body).toEqual(REFUSED);
    const next = await tokenOf('unscoped', people.other);
    await s.rows('update account set is_active = false where uuid = $1', [people.other.uuid]);
    s.ctx.tokens.forget('all');
    expect((await rescope(next).expect(401)).body).toEqual(REFUSED);
    await s.rows('update account set is_active = true where uuid = $1', [people.other.uuid]);
    s.ctx.tokens.forget('all');
    await rescope(next).expect(201);
    expect((await rescope(service.token).expect(401)).body).toEqual(REFUSED);
  });
  it('a superuser’s project token gets nothing wider, and is no administrator in a client’s project', async () => {
    const uuid = await made({ members: [people.admin.uuid] });
    const own = await tokenOf(project(people.admin.uuid), people.admin);
    for (const wider of [{ system: { all: true } }, { domain: { id: 'default' } }]) {
      await rescope(own, wider).expect(401);
      await rescope(await tokenOf('unscoped', people.admin), wider).expect(201);
    }
    const { body } = await rescope(own, project(uuid)).expect(201);
    expect((body as { token: { roles: { name: string }[] } }).token.roles.map((r) => r.name).sort()).toEqual([
      'member',
      'reader',
    ]);
  });
  it('401: a token of an application credential stays in its project; what may only read makes what may only read', async () => {
    const [a, b] = [await made(), await made()];
    const { body } = await s
      .as(await tokenOf(project(a)))
      .post(`/identity/v3/users/${people.user.uuid}/application_credentials`)
      .send({ application_credential: { name: 'bound', roles: [{ name: 'reader' }] } })
      .expect(201);
    const { id, secret } = (body as { application_credential: { id: string; secret: string } }).application_credential;
    const signIn = (scope?: object) =>
      s
        .api()
        .post(TOKENS)
        .send({
          auth: {
            identity: { methods: ['application_credential'], application_credential: { id, secret } },
            ...(scope && { scope }),
          },
        });
    const bound = (await signIn().expect(201)).header['x-subject-token'] as string;
    for (const scope of [project(b), project(people.user.uuid), 'unscoped', { system: { all: true } }]) {
      expect((await rescope(bound, scope).expect(401)).body).toEqual(REFUSED);
      if (typeof scope === 'object') await signIn(scope).expect(401);
    }
    const same = await rescope(bound, project(a)).expect(201);
    expect((same.body as { token: { roles: object[] } }).token.roles).toEqual([{ id: 'reader', name: 'reader' }]);
  });
});
