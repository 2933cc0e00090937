import { sql } from '@nefos/service-kit';
import type { Row } from '../../src/cli/output.js';
import { program } from '../../src/cli/program.js';
import { createActiveUser, ensurePendingUser } from '../../src/accounts/domain/new-accounts.js';
import { performUserAction } from '../../src/accounts/domain/user-actions.js';
import { deleteUser } from '../../src/accounts/domain/operator-actions.js';
import { login, PASSWORD, people, service as operator, useService } from '../support.js';

describe('what the operator looks at and does from the command line', () => {
  const s = useService();
  const run = async (...args: string[]): Promise<readonly Row[]> => {
    let said: readonly Row[] = [];
    const root = program(
      async () => ({ ctx: s.ctx, close: async () => undefined }),
      (rows) => {
        said = rows;
      },
    );
    for (const one of [root, ...root.commands, ...root.commands.flatMap((c) => c.commands)])
      one.exitOverride().configureOutput({ writeErr: () => undefined });
    await root.parseAsync(['node', 'nefos', ...args]);
    return said;
  };
  const newUser = async (email: string, superuser = false) =>
    createActiveUser(s.act, { email, firstName: 'New', lastName: 'User', password: PASSWORD, superuser });

  it('service, endpoint, component: lists and single ones, with addresses as clients get them', async () => {
    await run('component', 'create', 'volumes', '--url', '/volumes/ui', '--hidden');
    await run('service', 'register', 'block', '--type', 'volume', '--component', 'volumes');
    await run(
      'endpoint',
      'add',
      'block',
      '--public-url',
      '/volumes/v2',
      '--version-id',
      'v2.0',
      '--data',
      'region=north',
    );
    const [shown] = await run('service', 'show', 'block');
    expect(shown).toMatchObject({
      name: 'block',
      type: 'volume',
      component: 'volumes',
      endpoints: [expect.any(Number)],
    });
    expect((await run('service', 'list')).find((one) => one.name === 'block')).toEqual(shown);
    const id = (shown?.endpoints as number[])[0];
    expect(await run('endpoint', 'list', '--service', 'block')).toEqual([
      { id, service: 'block', versionId: 'v2.0', region: 'north', publicURL: 'http://gateway.test/volumes/v2' },
    ]);
    expect((await run('endpoint', 'list')).length).toBeGreaterThan(1);
    expect(await run('endpoint', 'show', String(id))).toEqual([
      { id, service: 'block', versionId: 'v2.0', publicURL: 'http://gateway.test/volumes/v2', region: 'north' },
    ]);
    expect(await run('component', 'show', 'volumes')).toEqual([
      {
        id: expect.any(Number),
        name: 'volumes',
        url: '/volumes/ui',
        icon: null,
        position: 1000,
        listed: false,
        rights: [],
        services: ['block'],
      },
    ]);
    for (const [args, code] of [
      [['service', 'show', 'nothing'], 'service.absent'],
      [['endpoint', 'list', '--service', 'nothing'], 'service.absent'],
      [['endpoint', 'show', '999999'], 'endpoint.absent'],
      [['component', 'show', 'nothing'], 'component.absent'],
    ] as const)
      await expect(run(...args)).rejects.toMatchObject({ kind: 'not_found', code });
    await expect(run('endpoint', 'show', 'x')).rejects.toMatchObject({ code: 'commander.invalidArgument' });
  });

  it('user show and unlock: why somebody can not sign in, and the end of it', async () => {
    const { account } = await newUser('locked@example.com');
    for (let n = 0; n < 6; n += 1) await login(s, account, undefined, 'a wrong long password').expect(401);
    await login(s, account).expect(401);
    const [before] = await run('user', 'show', 'LOCKED@example.com');
    expect(before).toMatchObject({
      uuid: account.uuid,
      state: 'active',
      superuser: false,
      groups: ['default'],
      has_password: true,
      made_by: null,
    });
    expect(before?.locked_seconds).toBeGreaterThan(0);
    expect(JSON.stringify(before)).not.toMatch(/\$|argon|hash/);
    expect(await run('user', 'unlock', account.uuid)).toEqual([
      { uuid: account.uuid, username: 'locked@example.com', was_locked: true },
    ]);
    await login(s, account).expect(201);
    expect((await run('user', 'show', account.uuid))[0]?.locked_seconds).toBeNull();
    expect(await run('user', 'unlock', account.uuid)).toMatchObject([{ was_locked: false }]);
    for (const verb of ['show', 'unlock', 'reactivate', 'delete'])
      await expect(run('user', verb, 'nobody@example.com')).rejects.toMatchObject({ code: 'user.absent' });
  });

  it('user reactivate activates a deactivated user; for one never accepted or rejected it fails and names the state', async () => {
    const { account } = await newUser('again@example.com');
    await run('user', 'deactivate', account.uuid, '--reason', 'did not pay');
    expect(await run('user', 'show', account.uuid)).toMatchObject([{ state: 'inactive', reason: 'did not pay' }]);
    await login(s, account).expect(401);
    expect(await run('user', 'reactivate', account.uuid)).toEqual([
      { uuid: account.uuid, username: 'again@example.com', activated: true },
    ]);
    await login(s, account).expect(201);
    const pending = await ensurePendingUser(
      s.act,
      { uuid: 'aaaaaaaa-bbbb-4ccc-8ddd-000000000001', email: 'p@example.com', firstName: 'P', lastName: 'P' },
      operator.name,
    );
    expect(await run('user', 'show', pending.uuid)).toMatchObject([
      { state: 'not verified', made_by: operator.name, has_password: false },
    ]);
    await expect(run('user', 'reactivate', pending.uuid)).rejects.toMatchObject({
      code: 'user.transition',
      params: { state: 'not verified' },
    });
    await performUserAction(s.act, pending.uuid, 'verify', {});
    expect(await run('user', 'show', pending.uuid)).toMatchObject([{ state: 'not accepted' }]);
    await performUserAction(s.act, pending.uuid, 'reject', { reason: 'unknown' });
    expect(await run('user', 'show', pending.uuid)).toMatchObject([{ state: 'rejected', reason: 'unknown' }]);
    await expect(run('user', 'reactivate', pending.uuid)).rejects.toMatchObject({
      code: 'user.transition',
      params: { state: 'rejected' },
    });
  });

  it('user delete: with everything, at once in every process; not the last superuser, nor users of components without --force', async () => {
    const other = await s.replica();
    const { account, token } = await newUser('gone@example.com', true);
    const asked = () => other.api().get('/account/v1.0/authenticate').set('X-Auth-Token', token.token);
    await asked().expect(200);
    expect(await run('user', 'delete', account.uuid)).toEqual([
      { uuid: account.uuid, username: 'gone@example.com', deleted: true },
    ]);
    await s.api().get('/account/v1.0/authenticate').set('X-Auth-Token', token.token).expect(401);
    await new Promise((resolve) => setTimeout(resolve, 300));
    await asked().expect(401);
    await expect(run('user', 'show', account.uuid)).rejects.toMatchObject({ code: 'user.absent' });

    await expect(run('user', 'delete', people.admin.email)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'user.last_superuser',
    });
    await expect(run('user', 'deactivate', people.admin.email)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'user.last_superuser',
    });
    await s.as(people.admin.token).get('/account/v1.0/authenticate').expect(200);
    const made = await ensurePendingUser(
      s.act,
      { uuid: 'aaaaaaaa-bbbb-4ccc-8ddd-000000000002', email: 'portal@example.com', firstName: 'P', lastName: 'P' },
      operator.name,
    );
    await expect(run('user', 'delete', made.uuid)).rejects.toMatchObject({
      kind: 'conflict',
      code: 'user.of_component',
      params: { component: operator.name },
    });
    expect(await run('user', 'delete', made.uuid, '--force')).toMatchObject([{ deleted: true }]);
  });

  it('user delete: of two superusers at once, both go, without a deadlock', async () => {
    const [a, b] = [await newUser('one@example.com', true), await newUser('two@example.com', true)];
    // A transaction that is not done again: a deadlock shows.
    const once: typeof s.db.transaction = async (work) => {
      const { tx, commit, rollback } = await s.db.begin();
      try {
        const result = await work(tx);
        await commit();
        return result;
      } catch (err) {
        await rollback(err);
        throw err;
      }
    };
    const ctx = { ...s.act, db: { ...s.db, transaction: once } };
    const first = await s.db.begin();
    await sql(first.tx, 'select from account where uuid = $1 for update', [people.admin.uuid]);
    const deleting = Promise.allSettled([a, b].map(({ account }) => deleteUser(ctx, account.uuid, { force: false })));
    const waiting = "select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    for (const end = Date.now() + 20_000; (await sql(s.db, waiting)).length < 2 && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await first.commit();
    expect(await deleting).toEqual([0, 1].map(() => ({ status: 'fulfilled', value: undefined })));
  });

  it('audit list: newest first, in pages, by actor, target, action, result and time; bounded', async () => {
    await login(s, people.user, undefined, 'a wrong long password').expect(401);
    await login(s, people.user).expect(201);
    const all = await run('audit', 'list');
    const ids = all.map((one) => one.id as number);
    expect(ids).toEqual([...ids].sort((a, b) => b - a));
    const [first] = await run('audit', 'list', '--limit', '1');
    expect(first?.id).toBe(ids[0]);
    expect((await run('audit', 'list', '--limit', '1', '--before', String(first?.id)))[0]?.id).toBe(ids[1]);
    const refused = await run(
      'audit',
      'list',
      '--action',
      'login',
      '--result',
      'refused',
      '--target',
      people.user.email,
    );
    expect(refused[0]).toMatchObject({
      action: 'login',
      target: people.user.uuid,
      result: 'refused',
      ip: expect.stringContaining('127.0.0.1'),
      detail: { reason: 'password' },
    });
    expect(refused.every((one) => one.result === 'refused' && one.target === people.user.uuid)).toBe(true);
    const [deleted] = await run('audit', 'list', '--action', 'user.delete', '--actor', s.ctx.actor);
    expect(deleted).toMatchObject({ action: 'user.delete', actor: s.ctx.actor });
    expect(await run('audit', 'list', '--since', '2100-01-01')).toEqual([]);
    expect((await run('audit', 'list', '--since', '2020-01-01T00:00:00Z')).length).toBe(all.length);
    expect(JSON.stringify(all)).not.toContain(people.user.token);
    for (const args of [
      ['--limit', '0'],
      ['--limit', '1001'],
      ['--limit', '1e3'],
      ['--before', '-1'],
      ['--result', 'maybe'],
    ])
      await expect(run('audit', 'list', ...args)).rejects.toMatchObject({ code: 'commander.invalidArgument' });
    for (const since of [
      'yesterday',
      '2026-02-30',
      '5',
      'Jan 5 2026',
      '2026',
      '2026-01-05T25:00:00Z',
      '',
      '0000-01-01',
    ])
      await expect(run('audit', 'list', '--since', since)).rejects.toMatchObject({ code: 'audit.since' });
  });

  it('audit list is served by an index, whatever is asked for', async () => {
    await sql(
      s.db,
      `insert into audit_event (actor, action, target, result)
       select 'many', 'x', null, 'ok' from generate_series(1, 20000)`,
    );
    await sql(s.db, 'analyze audit_event');
    for (const where of [
      `actor = 'nobody'`,
      `action = 'nothing'`,
      `target = 'nothing'`,
      `result = 'refused' and id < 0`,
      `at >= now() + interval '1 day'`,
    ]) {
      const plan = await s.rows<{ 'QUERY PLAN': string }>(
        `explain select id from audit_event where ${where} order by id desc limit 100`,
      );
      expect([where, plan.map((row) => row['QUERY PLAN']).join('\n')]).toEqual([
        where,
        expect.not.stringContaining('Seq Scan'),
      ]);
    }
  });
});
