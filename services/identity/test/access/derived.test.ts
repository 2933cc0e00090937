import { endpoints } from '../../src/endpoints.js';
import { revoke } from '../../src/access/domain/revocation.js';
import { tidy } from '../../src/access/domain/tidy.js';
import type { TokenRecord } from '../../src/access/domain/tokens.js';
import { login, PASSWORD, people, service, until, useService, type Instance } from '../support.js';

describe('what is made with a token', () => {
  const s = useService();
  let other: Instance;
  beforeAll(async () => {
    other = await s.replica();
  });
  const { user, admin } = people;
  const credentials = `/identity/v3/users/${user.uuid}/application_credentials`;
  const password = async (who = user, scope?: unknown): Promise<string> =>
    (await login(s, who, scope).expect(201)).headers['x-subject-token'] as string;
  const v3 = (method: string, payload: object, scope?: unknown) =>
    s
      .api()
      .post('/identity/v3/auth/tokens')
      .send({ auth: { identity: { methods: [method], ...payload }, ...(scope !== undefined && { scope }) } });
  const exchange = (token: string, scope?: unknown) => v3('token', { token: { id: token } }, scope);
  const exchanged = async (token: string): Promise<string> =>
    (await exchange(token).expect(201)).headers['x-subject-token'] as string;
  const show = async (token: string) =>
    (await s.as(service.token).get('/identity/v3/auth/tokens?nocatalog').set('X-Subject-Token', token).expect(200)).body
      .token;
  const auditId = async (token: string): Promise<string> => (await show(token)).audit_ids[0];
  const act = (action: object) =>
    s.as(admin.token).post(`/identity/v2.0/users/${user.uuid}/action`).send(action).expect(200);
  let n = 0;
  const credential = async (
    token: string,
    more: object = {},
  ): Promise<{ id: string; secret: string; expires_at: string | null }> => {
    const body = { application_credential: { name: `c${(n += 1)}`, ...more } };
    return (await s.as(token).post(credentials).send(body).expect(201)).body.application_credential;
  };
  const use = ({ id, secret }: { id: string; secret: string }) =>
    v3('application_credential', { application_credential: { id, secret } });
  const used = async (made: { id: string; secret: string }): Promise<string> =>
    (await use(made).expect(201)).headers['x-subject-token'] as string;
  const issue = (body: object, uuid = user.uuid) =>
    s
      .as(service.token)
      .post(`/internal/v1/users/${uuid}/tokens`)
      .send({ label: 'k', form: 'hex', expires_at: null, ...body });
  const good = async (token: string, at: Instance = s): Promise<boolean> =>
    (await at.api().get('/account/v1.0/authenticate').set('X-Auth-Token', token)).status === 200;

  it('401: what was made with a revoked token, however far, in every process; its own parent lives', async () => {
    const first = await password();
    const leaked = await exchanged(first);
    const second = await exchanged(await exchanged(leaked));
    const made = await credential(second, { unrestricted: true });
    const third = await exchanged(await used(made));
    const named = (await issue({ made_with: await auditId(third) }).expect(201)).body.token as string;
    const last = await credential(named, { unrestricted: true });
    const all = [leaked, second, third, named, await used(last)];
    for (const token of all) expect(await good(token, other)).toBe(true);
    await s.as(leaked).delete(`/identity/v2.0/tokens/${leaked}`).expect(204);
    for (const token of all) await s.as(token).get('/account/v1.0/authenticate').expect(401);
    for (const token of all) await until(async () => !(await good(token, other)), 2);
    for (const one of [made, last]) await use(one).expect(401);
    expect(await good(first)).toBe(true);
  });
  it.each([{ revokeTokens: {} }, { renewToken: '' }])(
    '401: %j ends every credential that was made with a token, one that has expired too',
    async (action) => {
      const [live, over] = [await password(), await password()];
      const made = [await credential(live), await credential(over)];
      await s.rows("update token set expires_at = now() - interval '8 days' where audit_id = $1", [
        await auditId(over),
      ]);
      await tidy(s.ctx);
      for (const one of made) await use(one).expect(201);
      await s.as(admin.token).post(`/identity/v2.0/users/${user.uuid}/action`).send(action).expect(200);
      for (const one of made) await use(one).expect(401);
    },
  );
  it.each<[string, object, () => Promise<unknown>]>([
    [
      'a new password',
      { revokeTokens: {} },
      () =>
        s
          .as(admin.token)
          .put(`/identity/v2.0/users/${user.uuid}`)
          .send({ user: { password: PASSWORD } })
          .expect(200),
    ],
    ['deactivation', { renewToken: '' }, () => act({ deactivate: {} }).then(() => act({ activate: {} }))],
    [
      'the end of the tokens, after which no trace of them is left',
      { revokeTokens: {} },
      () => s.rows('delete from token where account_id = (select id from account where uuid = $1)', [user.uuid]),
    ],
  ])('401: a credential made with a leaked token, after %s: %j ends it, and says so', async (_title, action, work) => {
    const made = await credential(await exchanged(await password()), { unrestricted: true });
    await work();
    await use(made).expect(201);
    await s.rows('delete from token where application_credential_id = $1', [made.id]);
    await act(action);
    await use(made).expect(401);
    const [told] = await s.rows<{ detail: { credentials: number } }>(
      "select detail from audit_event where action = 'token.revoke_all' and target = $1 order by id desc limit 1",
      [user.uuid],
    );
    expect(told?.detail.credentials).toBeGreaterThan(0);
  });
  it('administrators see and delete the credentials of those below them; users only their own', async () => {
    const made = await credential(await password());
    const own = s.as(admin.token);
    expect(
      (await own.get(credentials).expect(200)).body.application_credentials.map((c: { id: string }) => c.id),
    ).toContain(made.id);
    expect((await own.get(`${credentials}/${made.id}`).expect(200)).body.application_credential.id).toBe(made.id);
    await own
      .post(credentials)
      .send({ application_credential: { name: 'theirs' } })
      .expect(403);
    await own.get('/identity/v3/users/00000000-0000-4000-8000-000000000000/application_credentials').expect(404);
    // Not through another's address, and by nobody who is no administrator.
    await own.delete(`/identity/v3/users/${people.other.uuid}/application_credentials/${made.id}`).expect(404);
    for (const method of ['get', 'delete'] as const)
      await s.as(people.other.token)[method](`${credentials}/${made.id}`).expect(403);
    await s.as(people.other.token).get(credentials).expect(403);
    await use(made).expect(201);
    await own.delete(`${credentials}/${made.id}`).expect(204);
    await use(made).expect(401);
    // An administrator does not end what a superuser made.
    const theirs = `/identity/v3/users/${admin.uuid}/application_credentials`;
    const signedIn = await password(admin);
    const kept = (
      await s
        .as(signedIn)
        .post(theirs)
        .send({ application_credential: { name: 'kept' } })
        .expect(201)
    ).body.application_credential;
    await own
      .post(`/identity/v2.0/users/${people.other.uuid}/action`)
      .send({ addGroup: { name: 'admin-api' } })
      .expect(200);
    await s.as(people.other.token).get(theirs).expect(200);
    await s.as(people.other.token).delete(`${theirs}/${kept.id}`).expect(403);
    await use(kept).expect(201);
    await own
      .post(`/identity/v2.0/users/${people.other.uuid}/action`)
      .send({ removeGroup: { name: 'admin-api' } })
      .expect(200);
  });
  it('201: expiry is no revocation: a credential outlives its sign-in, and ends with that of its parent', async () => {
    const root = await password();
    const middle = await exchanged(root);
    const made = await credential(middle);
    await s.rows("update token set expires_at = now() - interval '30 days' where hint = $1", [middle.slice(0, 6)]);
    s.ctx.tokens.forget('all');
    await tidy(s.ctx);
    await use(made).expect(201);
    await s.as(root).delete(`/identity/v2.0/tokens/${root}`).expect(204);
    await use(made).expect(401);
  });
  it('signing out ends what was exchanged; what the user made meanwhile stays', async () => {
    const session = await password();
    const child = await exchanged(session);
    const made = await credential(child);
    const named = (await issue({ made_with: await auditId(session) }).expect(201)).body.token as string;
    await revoke(s.act, (await s.ctx.tokens.find(session)) as TokenRecord, 'signed out');
    expect([await good(session), await good(child), await good(named)]).toEqual([false, false, true]);
    await use(made).expect(201);
  });
  it('204: a deleted credential takes along what was made with its tokens', async () => {
    const made = await credential(await password(), { unrestricted: true });
    const token = await used(made);
    const below = await credential(token);
    const named = (await issue({ made_with: await auditId(token) }).expect(201)).body.token as string;
    await s
      .as(await password())
      .delete(`${credentials}/${made.id}`)
      .expect(204);
    expect([await good(token), await good(named)]).toEqual([false, false]);
    await use(below).expect(401);
  });
  it('no token that was being exchanged while its parent was revoked survives', async () => {
    for (let round = 0; round < 5; round += 1) {
      const parent = await password();
      const got: string[] = [];
      const work = Array.from({ length: 8 }, async (_, i) => {
        let from = parent;
        for (let k = 0; k < 3; k += 1) {
          const res = await exchange(from);
          if (res.status !== 201) return;
          from = res.headers['x-subject-token'] as string;
          got.push(from);
          if (i === 4 && k === 0) await s.as(parent).delete(`/identity/v2.0/tokens/${parent}`);
        }
      });
      await Promise.all(work);
      await s.as(parent).delete(`/identity/v2.0/tokens/${parent}`);
      s.ctx.tokens.forget('all');
      for (const token of got) expect(await good(token)).toBe(false);
    }
  });

  describe('a token that may only read', () => {
    const readOnly = async (): Promise<string> => (await issue({ read_only: true }).expect(201)).body.token;
    it('201: what it is exchanged for may only read too, has the role for that alone, and ends with it', async () => {
      const token = await readOnly();
      const child = await exchanged(await exchanged(token));
      for (const one of [token, child])
        expect(await show(one)).toMatchObject({ read_only: true, roles: [{ id: 'reader', name: 'reader' }] });
      await s.as(child).get(credentials).expect(200);
      expect(
        (
          await s
            .as(child)
            .post(credentials)
            .send({ application_credential: { name: 'up' } })
            .expect(403)
        ).body.error.message,
      ).toBe('This token may only read');
      await issue({ made_with: await auditId(child) }).expect(403);
      await s.as(child).post('/account/v1.0/user_catalogs').send({ uuids: [] }).expect(200);
      await s.as(token).delete(`/identity/v2.0/tokens/${token}`).expect(204);
      expect(await good(child)).toBe(false);
    });
    it('403: it ends no other token than itself', async () => {
      const [token, mine] = [await readOnly(), await password()];
      await s.as(token).delete(`/identity/v2.0/tokens/${mine}`).expect(403);
      await s.as(token).delete('/identity/v3/auth/tokens').set('X-Subject-Token', mine).expect(403);
      await s.as(token).delete('/identity/v3/auth/tokens').set('X-Subject-Token', token).expect(204);
      expect([await good(mine), await good(token)]).toEqual([true, false]);
    });
    const unsafe = endpoints.filter(
      ({ contract: c }) =>
        (c.access === 'user' || c.access === 'admin') && !['get', 'head'].includes(c.method) && !c.evenReadOnly,
    );
    it.each(unsafe.map((e) => [e.contract.method, e.contract.path]))(
      "403: %s %s with an administrator's",
      async (method, path) => {
        const token = await password(admin);
        await s.rows('update token set read_only = true where hint = $1', [token.slice(0, 6)]);
        s.ctx.tokens.forget('all');
        await s.as(token).get('/identity/v2.0/users').expect(200);
        const res = await s
          .as(token)
          [method as 'post'](path.replace(/[:*]\w+/g, user.uuid))
          .send({});
        expect([res.status, JSON.stringify(res.body)]).toEqual([
          403,
          expect.stringContaining('This token may only read'),
        ]);
      },
    );
    it('a credential that was given no role that writes makes such tokens', async () => {
      const token = await used(await credential(await password(), { roles: [{ name: 'reader' }], unrestricted: true }));
      expect(await show(token)).toMatchObject({ read_only: true });
      await s
        .as(token)
        .post(credentials)
        .send({ application_credential: { name: 'up' } })
        .expect(403);
    });
    it('204: one that the portal made before identity knew: what was made with it meanwhile ends', async () => {
      const token = (await issue({}).expect(201)).body;
      const child = await exchanged(token.token);
      const made = await credential(child);
      for (let i = 0; i < 2; i += 1)
        await s.as(service.token).put(`/internal/v1/tokens/${token.audit_id}/read-only`).expect(204);
      await use(made).expect(401);
      expect([await good(token.token), await good(child)]).toEqual([true, false]);
      expect(await show(token.token)).toMatchObject({ read_only: true });
      await s.as(service.token).put('/internal/v1/tokens/nothing/read-only').expect(204);
    });
  });

  it('401: a token of one project is not exchanged for system or domain; one without a scope may be', async () => {
    const scoped = await password(admin);
    for (const scope of [{ system: { all: true } }, { domain: { id: 'default' } }]) {
      await exchange(scoped, scope).expect(401);
      await exchange(await password(admin, 'unscoped'), scope).expect(201);
      await login(s, admin, scope).expect(201);
    }
    await exchange(await password(user, 'unscoped'), { project: { id: user.uuid } }).expect(201);
    await exchange(scoped, 'unscoped').expect(201);
  });
  it('201: nothing named lives longer than a token for which nobody showed a password', async () => {
    const end = new Date(Date.now() + 3600_000).toISOString();
    const token = (await issue({ expires_at: end }).expect(201)).body;
    for (const from of [token.token, await exchanged(token.token)]) {
      const made = await credential(from, { expires_at: '2099-01-01T00:00:00' });
      expect(Date.parse(`${made.expires_at as string}Z`.replace('ZZ', 'Z'))).toBeLessThanOrEqual(Date.parse(end));
      expect(Date.parse((await credential(from)).expires_at as string)).not.toBeNaN();
      expect(
        Date.parse((await issue({ made_with: await auditId(from) }).expect(201)).body.expires_at),
      ).toBeLessThanOrEqual(Date.parse(end));
    }
    expect((await credential(await password())).expires_at).toBeNull();
  });
  it('403: a restricted credential makes nothing that outgrows it', async () => {
    const path = `/identity/v3/users/${admin.uuid}/application_credentials`;
    const made = (
      await s
        .as(admin.token)
        .post(path)
        .send({ application_credential: { name: 'r' } })
        .expect(201)
    ).body.application_credential;
    const token = await exchanged(await used(made));
    await s.as(token).get('/identity/v2.0/users').expect(200);
    for (const uuid of [admin.uuid, user.uuid]) {
      await s.as(token).post(`/identity/v2.0/users/${uuid}/action`).send({ renewToken: '' }).expect(403);
      await s
        .as(token)
        .put(`/identity/v2.0/users/${uuid}`)
        .send({ user: { password: 'another right long password' } })
        .expect(403);
    }
    await issue({ made_with: await auditId(token) }).expect(403);
    expect((await show(token)).application_credential).toMatchObject({ id: made.id, restricted: true });
  });
  it("201: a token made with a credential's token has the credential's roles, in v2.0 too", async () => {
    await s
      .as(admin.token)
      .post(`/identity/v2.0/users/${user.uuid}/action`)
      .send({ addGroup: { name: 'helpdesk' } })
      .expect(200);
    const made = await credential(await password(), { roles: [{ name: 'member' }], unrestricted: true });
    const named = (await issue({ made_with: await auditId(await used(made)) }).expect(201)).body.token as string;
    expect((await show(named)).roles.map((r: { name: string }) => r.name)).toEqual(['member']);
    const v2 = await s
      .api()
      .post('/identity/v2.0/tokens')
      .send({ auth: { token: { id: named } } })
      .expect(200);
    expect(v2.body.access.user.roles).toEqual([]);
    await use(made).expect(201);
  });

  describe('tokens that a leaked one of staff made for others', () => {
    const eve = { email: 'eve@example.com', password: 'a right long password of eve' };
    let eveUuid: string;
    let chain: string[];
    let own: { id: string; secret: string };
    let ofEve: { id: string; secret: string };
    beforeAll(async () => {
      const body = { user: { username: eve.email, first_name: 'E', last_name: 'E', password: eve.password } };
      eveUuid = (await s.as(admin.token).post('/identity/v2.0/users').send(body).expect(200)).body.user.id;
    });
    beforeEach(async () => {
      const leaked = await exchanged(await password());
      own = await credential(leaked, { unrestricted: true });
      const named = (await issue({ made_with: await auditId(leaked) }, eveUuid).expect(201)).body.token as string;
      const path = `/identity/v3/users/${eveUuid}/application_credentials`;
      const wish = { application_credential: { name: `e${(n += 1)}`, unrestricted: true } };
      ofEve = (await s.as(named).post(path).send(wish).expect(201)).body.application_credential;
      chain = [leaked, await exchanged(await used(own)), named, await exchanged(named), await used(ofEve)];
      for (const token of chain) expect(await good(token)).toBe(true);
    });
    const allOver = async (): Promise<void> => {
      expect(await Promise.all(chain.map((token) => good(token)))).toEqual(chain.map(() => false));
      for (const token of chain) await until(async () => !(await good(token, other)), 2);
      await use(ofEve).expect(401);
      await login(s, eve, undefined, eve.password).expect(201);
    };
    const act = (action: object) =>
      s.as(admin.token).post(`/identity/v2.0/users/${user.uuid}/action`).send(action).expect(200);

    it("401: a new password by an administrator ends them; the user's own credential stays", async () => {
      const body = { user: { password: PASSWORD } };
      await s.as(admin.token).put(`/identity/v2.0/users/${user.uuid}`).send(body).expect(200);
      await allOver();
      await use(own).expect(201);
    });
    it('401: so does a new password by its owner, also after the leaked token was signed out', async () => {
      await revoke(s.act, (await s.ctx.tokens.find(chain[0] as string)) as TokenRecord, 'signed out');
      expect(await good(chain[2] as string)).toBe(true);
      const body = { user: { original_password: PASSWORD, password: PASSWORD } };
      await s
        .as(await password())
        .post(`/identity/v3/users/${user.uuid}/password`)
        .send(body)
        .expect(204);
      await allOver();
      await use(own).expect(201);
    });
    it('401: so does deactivation by an administrator, and activation brings none back', async () => {
      await act({ deactivate: { reason: 'leaked' } });
      await allOver();
      await use(own).expect(401);
      await act({ activate: '' });
      await allOver();
      await use(own).expect(201);
    });
    it('suspension by the portal ends none of them: staff come back to what they made', async () => {
      const tell = (is_active: boolean) =>
        s
          .as(service.token)
          .put(`/internal/v1/users/${user.uuid}/state`)
          .send({ is_active, sequence: Date.now() })
          .expect(200);
      await tell(false);
      expect(await good(chain[2] as string)).toBe(true);
      await tell(true);
      await act({ revokeTokens: {} });
      await allOver();
      await use(own).expect(401);
    });
    it('401: so does the removal of the user', async () => {
      await s.rows('update account set made_by = $2 where uuid = $1', [user.uuid, service.name]);
      await s.as(service.token).delete(`/internal/v1/users/${user.uuid}`).expect(204);
      await allOver();
    });
  });
});
