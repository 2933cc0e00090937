import { randomUUID } from 'node:crypto';
import { Fault, sql } from '@nefos/service-kit';
import { pino } from 'pino';
import { createStateReader } from '../../src/users/domain/state-reader.js';
import { migrations } from '../../src/migrations/index.js';
import { OneState1764100000000 } from '../../src/migrations/1764100000000-one-state.js';
import { useService } from '../support.js';

describe('sessions and users end with what identity says', () => {
  const service = useService();
  const signIn = async (username: string): Promise<{ Cookie: string; 'X-CSRFToken': string }> => {
    const res = await service.nobody.post('/api/login', { username, password: `password of ${username}` }).expect(200);
    const lines = res.headers['set-cookie'] as unknown as string[];
    return {
      Cookie: lines.map((line) => line.split(';')[0]).join('; '),
      'X-CSRFToken': /csrftoken=([^;]+)/.exec(lines.join('\n'))?.[1] ?? '',
    };
  };
  const look = (headers: Record<string, string>) => service.nobody.get('/api/clients').set(headers);
  const patch = (id: number, is_active: boolean) => service.staff.patch(`/staffapi/users/${id}`, { is_active });
  const row = async (id: number) =>
    (
      await sql<{ is_active: boolean; told: boolean }>(
        service.db,
        'select is_active, told_sequence >= state_sequence told from portal_user where id = $1',
        [id],
      )
    )[0];
  const silently = async (work: () => Promise<unknown>): Promise<void> => {
    service.identity.down = true;
    try {
      await work();
    } finally {
      service.identity.down = false;
    }
  };
  /** The few seconds of a session's last word are over. */
  const later = (): void => (service.ctx.sessions as unknown as { forgetAll(): void }).forgetAll();

  it('401: a session whose end identity has decided, and no longer than its last word holds', async () => {
    const mine = await signIn('demo');
    await look(mine).expect(200);
    service.identity.sessions.clear();
    await look(mine).expect(200);
    later();
    expect((await look(mine).expect(401)).body).toEqual({ detail: 'Authentication credentials were not provided.' });
  });
  it('503: identity silent and no last word of a session; with one it goes on', async () => {
    const mine = await signIn('demo');
    await look(mine).expect(200);
    await silently(() => look(mine).expect(200));
    later();
    await silently(() => look(mine).expect(503));
    await look(mine).expect(200);
  });
  it('401: signing out ends it at identity, by a job when that is silent', async () => {
    const again = await signIn('demo');
    const auditId = [...service.identity.sessions.keys()].at(-1) as string;
    service.identity.closeSession = (({ closeSession }) => {
      let first = true;
      return async (id: string) => {
        if (first) {
          first = false;
          throw new Error('silent');
        }
        await closeSession(id);
      };
    })(service.identity);
    await service.nobody.post('/api/logout').set(again).expect(200);
    await look(again).expect(401);
    expect(service.identity.sessions.has(auditId)).toBe(true);
    await service.work();
    expect(service.identity.sessions.has(auditId)).toBe(false);
  });
  it('a token made in a session is made with that session; a read-only one is so at identity', async () => {
    const mine = await signIn('demo');
    const asked: unknown[] = [];
    const { issueToken } = service.identity;
    service.identity.issueToken = async (uuid, wanted) => {
      asked.push(wanted);
      return issueToken(uuid, wanted);
    };
    const { body } = await service.nobody.post('/api/tokens', { name: 'ro', read_only: true }).set(mine).expect(201);
    const [auditId] = [...service.identity.sessions.keys()].slice(-1);
    expect(asked).toEqual([{ label: 'ro', expiresAt: null, readOnly: true, madeWith: auditId }]);
    expect(service.identity.tokens.get(body.key)?.readOnly).toBe(true);
    await service.as(body.key).post('/api/tokens', { name: 'x' }).expect(403);
    service.identity.issueToken = issueToken;
  });
  it('403: a token that identity calls read-only, whatever the portal knows of it', async () => {
    const user = await service.seedUser({ username: 'reader', clients: [service.ownClient] });
    service.identity.tokens.set('f'.repeat(40), {
      kind: 'user',
      uuid: user.uuid,
      displayName: '',
      roles: ['reader'],
      auditId: 'x',
      readOnly: true,
      via: 'token',
    });
    await service.as('f'.repeat(40)).get('/api/clients').expect(200);
    await service.as('f'.repeat(40)).patch(`/api/clients/${service.ownClient}`, { city: 'x' }).expect(403);
    await service.as('f'.repeat(40)).post('/api/tokens', { name: 'x' }).expect(403);
  });
  it('identity is told of read-only tokens that it does not know of', async () => {
    const { body } = await service.user.post('/api/tokens', { name: 'old' }).expect(201);
    await sql(service.db, 'update portal_token set read_only = true where id = $1', [body.id]);
    expect(await service.sweep('tokens.read_only')).toBe(1);
    expect(service.identity.tokens.get(body.key)?.readOnly).toBe(true);
    expect(await service.sweep('tokens.read_only')).toBe(0);
  });

  it('200: inactive here is inactive at identity, at once; and active again', async () => {
    const user = await service.seedUser({ username: 'anna', clients: [service.ownClient] });
    await patch(user.id, false).expect(200);
    expect(service.identity.users.get(user.uuid)?.active).toBe(false);
    await patch(user.id, true).expect(200);
    expect(service.identity.users.get(user.uuid)?.active).toBe(true);
  });
  it('200: identity silent: refused here at once, told by the job, or by the reconciler when the job is lost', async () => {
    const user = await service.seedUser({ username: 'berta', clients: [service.ownClient] });
    await user.as.get('/api/clients').expect(200);
    for (const lost of [false, true]) {
      service.identity.users.get(user.uuid)!.active = true;
      await patch(user.id, true).expect(200);
      await service.staff.get('/staffapi/clients').expect(200);
      await silently(() => patch(user.id, false).expect(200));
      expect([await row(user.id), service.identity.users.get(user.uuid)?.active]).toEqual([
        { is_active: false, told: false },
        true,
      ]);
      if (lost) {
        await sql(service.db, 'delete from graphile_worker._private_jobs');
        await service.sweep('users.untold');
      }
      await service.work();
      expect([await row(user.id), service.identity.users.get(user.uuid)?.active]).toEqual([
        { is_active: false, told: true },
        false,
      ]);
    }
  });
  it('identity is told as soon as it is back, not when the pauses of the jobs are over', async () => {
    const user = await service.seedUser({ username: 'ida', clients: [service.ownClient] });
    const waits = async () =>
      (
        await sql<{ waits: boolean }>(
          service.db,
          "select run_at > now() waits from graphile_worker.jobs where task_identifier = 'user.state'",
        )
      )[0]?.waits;
    const read = createStateReader(service.ctx);
    await silently(async () => {
      await patch(user.id, false).expect(200);
      await service.work();
      expect(await read()).toBe('identity is away');
    });
    expect(await waits()).toBe(true);
    await read();
    expect(await waits()).toBe(false);
    await service.work();
    expect(await row(user.id)).toEqual({ is_active: false, told: true });
  });
  it('a job whose attempt fails just after identity is back is hurried, too', async () => {
    const user = await service.seedUser({ username: 'jana', clients: [service.ownClient] });
    const paused = async () =>
      (
        await sql<{ paused: number }>(
          service.db,
          'select count(*)::int paused from graphile_worker.jobs where run_at > now() and attempts > 0',
        )
      )[0]?.paused;
    // As when a worker fails.
    const fail = () =>
      sql(service.db, "update graphile_worker._private_jobs set attempts = 1, run_at = now() + interval '1 hour'");
    const read = createStateReader(service.ctx, 500);
    await silently(async () => {
      await patch(user.id, false).expect(200);
      await fail();
      expect(await read()).toBe('identity is away');
    });
    expect(await paused()).toBe(1);
    await read();
    expect(await paused()).toBe(0);
    await fail();
    await read();
    await new Promise((r) => setTimeout(r, 600));
    await read();
    expect(await paused()).toBe(0);
    // Once more, not for ever.
    await fail();
    await read();
    expect(await paused()).toBe(1);
    await sql(service.db, 'update graphile_worker._private_jobs set run_at = now()');
    await service.work();
    expect(await row(user.id)).toEqual({ is_active: false, told: true });
  });
  it('one line when identity can not be asked, one when it is asked again; none while everything starts', async () => {
    const lines: string[] = [];
    const log = pino(
      { level: 'info' },
      { write: (line: string) => void lines.push((JSON.parse(line) as { msg: string }).msg) },
    );
    service.identity.states.push({ uuid: randomUUID(), isActive: true, changedAt: new Date().toISOString() });
    const read = createStateReader({ ...service.ctx, log });
    await silently(read);
    await read();
    expect(lines).toEqual([]);
    for (const _ of [1, 2]) await silently(read);
    for (const _ of [1, 2]) await read();
    expect(lines).toEqual([
      'identity can not be asked who is active; it is asked again until it answers',
      'identity is asked again who is active',
    ]);
    service.identity.states.length = 0;
  });
  describe('what is refused changes nothing', () => {
    const identityDoes = async (
      setUserState: typeof service.identity.setUserState,
      work: () => Promise<unknown>,
    ): Promise<void> => {
      const before = service.identity.setUserState;
      service.identity.setUserState = setUserState;
      try {
        await work();
      } finally {
        service.identity.setUserState = before;
      }
    };
    const all = async (id: number) => (await sql(service.db, 'select * from portal_user where id = $1', [id]))[0];

    it.each(['forbidden', 'conflict'] as const)(
      '%s at identity: nothing changes here, and nobody is locked out meanwhile',
      async (kind) => {
        const user = await service.seedUser({ username: `clara-${kind}`, clients: [service.ownClient] });
        const was = await all(user.id);
        const session = await signIn(`clara-${kind}`);
        const refuse = async (): Promise<never> => {
          expect([await all(user.id), (await user.as.get('/api/clients')).status]).toEqual([was, 200]);
          throw new Fault(kind, 'permission_denied');
        };
        const body = { first_name: 'Changed', is_active: false, clients: [service.otherClient] };
        await identityDoes(refuse, () =>
          service.staff.patch(`/staffapi/users/${user.id}`, body).expect(kind === 'forbidden' ? 403 : 409),
        );
        expect([await all(user.id), (await look(session)).status]).toEqual([was, 200]);
        expect((await service.staff.get(`/staffapi/users/${user.id}`)).body.clients).toEqual([service.ownClient]);
      },
    );
    it('400 here: identity is not asked; when somebody was faster it hears of what is', async () => {
      const user = await service.seedUser({ username: 'conrad', clients: [service.ownClient] });
      const take = (id: string) =>
        sql(service.db, "update portal_user set external_billing_id = $1 where username = 'stranger'", [id]);
      const send = (id: string) =>
        service.staff.patch(`/staffapi/users/${user.id}`, { is_active: false, external_billing_id: id }).expect(400);
      await take('taken');
      const asked = service.identity.calls.filter((one) => one === 'setUserState').length;
      await send('taken');
      expect(service.identity.calls.filter((one) => one === 'setUserState')).toHaveLength(asked);
      const { setUserState } = service.identity;
      const overtaken: typeof setUserState = async (...wish) => {
        await take('fast');
        return setUserState(...wish);
      };
      await identityDoes(overtaken, () => send('fast'));
      await service.work();
      expect([await row(user.id), service.identity.users.get(user.uuid)?.active]).toEqual([
        { is_active: true, told: true },
        true,
      ]);
      await user.as.get('/api/clients').expect(200);
    });
    it('a request that dies after identity agreed: what identity says is taken over', async () => {
      const user = await service.seedUser({ username: 'cyril' });
      await service.identity.setUserState(user.uuid, false, Date.now());
      await service.sweep('users.states');
      expect(await row(user.id)).toEqual({ is_active: false, told: true });
    });
    it('identity has heard something newer: the change is made, and told with a newer number', async () => {
      const user = await service.seedUser({ username: 'celia' });
      const newer: typeof service.identity.setUserState = async (uuid) => {
        // Another change of the same user, while identity is being asked.
        await sql(
          service.db,
          'update portal_user set state_sequence = state_sequence + 1e13::bigint, told_sequence = state_sequence + 1e13::bigint where id = $1',
          [user.id],
        );
        return { uuid, isActive: false, changedAt: new Date().toISOString() };
      };
      await identityDoes(newer, () => patch(user.id, false).expect(200));
      expect(await row(user.id)).toEqual({ is_active: false, told: false });
      await service.work();
      expect([await row(user.id), service.identity.users.get(user.uuid)?.active]).toEqual([
        { is_active: false, told: true },
        false,
      ]);
    });
    it('identity has heard something newer when the job tells it: that counts here, too, and ends sessions', async () => {
      for (const active of [true, false]) {
        const user = await service.seedUser({ username: `cora-${active}`, clients: [service.ownClient] });
        if (active) await silently(() => patch(user.id, false).expect(200));
        else {
          await patch(user.id, false).expect(200);
          await silently(() => patch(user.id, true).expect(200));
          service.identity.users.get(user.uuid)!.active = true;
          await user.as.get('/api/clients').expect(200);
        }
        const newer: typeof service.identity.setUserState = async (uuid) => ({
          uuid,
          isActive: active,
          changedAt: new Date(service.clock.now().getTime() + 3_600_000).toISOString(),
        });
        await identityDoes(newer, () => service.work());
        expect(await row(user.id)).toEqual({ is_active: active, told: true });
        service.identity.users.get(user.uuid)!.active = active;
        await user.as.get('/api/clients').expect(active ? 200 : 401);
      }
    });
    it('identity has heard something newer, and so has this service meanwhile: the job changes nothing', async () => {
      const user = await service.seedUser({ username: 'coral' });
      await silently(() => patch(user.id, false).expect(200));
      const newer: typeof service.identity.setUserState = async (uuid) => {
        await sql(service.db, 'update portal_user set state_sequence = state_sequence + 1 where id = $1', [user.id]);
        return { uuid, isActive: true, changedAt: new Date().toISOString() };
      };
      await identityDoes(newer, () => service.work());
      expect(await row(user.id)).toEqual({ is_active: false, told: false });
      await service.sweep('users.untold');
      await service.work();
      expect([await row(user.id), service.identity.users.get(user.uuid)?.active]).toEqual([
        { is_active: false, told: true },
        false,
      ]);
    });
    it('forbidden to the job: identity is asked once, the state stays here until something changes there', async () => {
      const user = await service.seedUser({ username: 'carla' });
      await silently(() => patch(user.id, false).expect(200));
      let asked = 0;
      const refuse = async (): Promise<never> => {
        asked += 1;
        throw new Fault('forbidden', 'permission_denied');
      };
      await identityDoes(refuse, async () => {
        await service.work();
        expect(await row(user.id)).toEqual({ is_active: false, told: true });
        expect(await service.sweep('users.untold')).toBe(0);
        await service.work();
        expect(asked).toBe(1);
      });
      const at = (ms: number): string => new Date(service.clock.now().getTime() + ms).toISOString();
      for (const [ms, is_active] of [
        [-1000, false],
        [1000, true],
      ] as const) {
        service.identity.states.push({ uuid: user.uuid, isActive: true, changedAt: at(ms) });
        await service.sweep('users.states');
        expect((await row(user.id))?.is_active).toBe(is_active);
      }
    });
  });
  it('401: a session does not come back with its user, whoever made the user inactive', async () => {
    const user = await service.seedUser({ username: 'carmen', clients: [service.ownClient] });
    for (const end of [
      () => patch(user.id, false).expect(200),
      async () => {
        service.identity.users.get(user.uuid)!.active = false;
        service.identity.states.push({ uuid: user.uuid, isActive: false, changedAt: new Date().toISOString() });
        await service.sweep('users.states');
      },
    ]) {
      const mine = await signIn('carmen');
      await look(mine).expect(200);
      await end();
      await look(mine).expect(401);
      await patch(user.id, true).expect(200);
      await look(mine).expect(401);
      await look(await signIn('carmen')).expect(200);
    }
  });
  it('401: who is deactivated at identity is inactive here; nothing older, and nobody of whom identity has to hear, is changed', async () => {
    const [user, waiting] = [
      await service.seedUser({ username: 'doris', clients: [service.ownClient] }),
      await service.seedUser({ username: 'emma' }),
    ];
    await user.as.get('/api/clients').expect(200);
    const says = (uuid: string, isActive: boolean, changedAt: string) =>
      service.identity.states.push({ uuid, isActive, changedAt });
    const [now, before] = [new Date().toISOString(), new Date(Date.now() - 60_000).toISOString()];
    says(user.uuid, false, now);
    await silently(() => patch(waiting.id, false).expect(200));
    says(waiting.uuid, true, now);
    await service.sweep('users.states');
    expect([(await row(user.id))?.is_active, (await row(waiting.id))?.is_active]).toEqual([false, false]);
    expect((await user.as.get('/api/clients').expect(401)).body).toEqual({ detail: 'User inactive or deleted.' });
    says(user.uuid, true, before);
    await service.sweep('users.states');
    expect((await row(user.id))?.is_active).toBe(false);
    await patch(user.id, true).expect(200);
    await user.as.get('/api/clients').expect(200);
  });
  it('200: who became inactive before identity let him in is not let in until he is active again', async () => {
    const { activateUser } = service.identity;
    service.identity.activateUser = async () => {
      throw new Error('silent');
    };
    const body = {
      username: 'frida',
      email: 'frida@example.com',
      first_name: 'A',
      last_name: 'B',
      password: 'Aa1-something-long',
    };
    const { id } = (await service.staff.post('/staffapi/users', body).expect(201)).body;
    service.identity.activateUser = activateUser;
    const active = (): boolean | undefined =>
      [...service.identity.users.values()].find((one) => one.email === body.email)?.active;
    await patch(id, false).expect(200);
    await service.work();
    expect([active(), await row(id)]).toEqual([false, { is_active: false, told: true }]);
    await patch(id, true).expect(200);
    expect([active(), await row(id)]).toEqual([true, { is_active: true, told: true }]);
  });
  it("a deleted user whom identity keeps loses the portal's tokens there", async () => {
    const user = await service.seedUser({ username: 'greta', clients: [service.ownClient] });
    const { body } = await user.as.post('/api/tokens', { name: 'k' }).expect(201);
    await service.staff.delete(`/staffapi/users/${user.id}`).expect(204);
    expect([service.identity.tokens.has(body.key), service.identity.users.has(user.uuid)]).toEqual([false, true]);
  });
  it('204: who is an administrator at identity by now stays there, goes here, and no job asks for ever', async () => {
    const wish = {
      username: 'ivan',
      email: 'ivan@example.com',
      first_name: 'A',
      last_name: 'B',
      password: 'a right long password',
    };
    const { body } = await service.staff.post('/staffapi/users', wish).expect(201);
    const [{ uuid }] = (await sql<{ uuid: string }>(service.db, 'select uuid from portal_user where id = $1', [
      body.id,
    ])) as [{ uuid: string }];
    await service.staff.post(`/staffapi/users/${body.id}/tokens`, { name: 'k' }).expect(201);
    const { deleteUser, revokeToken, restrictToken } = service.identity;
    const protects = async (): Promise<never> => {
      throw new Fault('forbidden', 'permission_denied');
    };
    Object.assign(service.identity, { deleteUser: protects, revokeToken: protects, restrictToken: protects });
    try {
      await service.staff.delete(`/staffapi/users/${body.id}`).expect(204);
      await service.work();
      expect(await sql(service.db, 'select 1 from portal_user where uuid = $1', [uuid])).toEqual([]);
      expect(service.identity.users.get(uuid)?.active).toBe(true);
      // One protected token does not keep the others from being told.
      const user = await service.seedUser({ username: 'judith', clients: [service.ownClient] });
      await user.as.post('/api/tokens', { name: 'ro', read_only: true }).expect(201);
      await sql(service.db, 'update portal_token set read_only_told = false where user_id = $1', [user.id]);
      expect(await service.sweep('tokens.read_only')).toBe(1);
      expect(await service.sweep('tokens.read_only')).toBe(0);
    } finally {
      Object.assign(service.identity, { deleteUser, revokeToken, restrictToken });
    }
  });
});

describe('what was there before', () => {
  const service = useService();

  it('identity is told who was inactive here, and an old session is over', async () => {
    const [on, off] = [await service.seedUser({ username: 'on' }), await service.seedUser({ username: 'off' })];
    await sql(service.db, 'update portal_user set is_active = false where id = $1', [off.id]);
    await sql(
      service.db,
      "insert into portal_session (key_hash, user_id, csrf_token, expires_at) values (sha256($2::text::bytea), $1, '', now() + interval '1 day')",
      [on.id, 'A'.repeat(43)],
    );
    for (const _ of migrations.slice(migrations.indexOf(OneState1764100000000)))
      await service.db.source.undoLastMigration();
    await service.db.source.runMigrations();
    await service.nobody
      .get('/api/current-user')
      .set('Cookie', `sessionid=${'A'.repeat(43)}`)
      .expect(401);
    expect(await service.sweep('users.untold')).toBe(1);
    await service.work();
    expect([service.identity.users.get(on.uuid)?.active, service.identity.users.get(off.uuid)?.active]).toEqual([
      true,
      false,
    ]);
  });
});
