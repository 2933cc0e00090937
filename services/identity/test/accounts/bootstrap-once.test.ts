import { randomUUID } from 'node:crypto';
import { openDatabase, sql, type Db } from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';
import type { IdentityCtx } from '../../src/ctx.js';
import { loadBootstrap, loadPrincipals } from '../../src/accounts/domain/bootstrap.js';
import { revokeByAuditId } from '../../src/access/domain/revocation.js';
import { tidy } from '../../src/access/domain/tidy.js';
import { migrations } from '../../src/migrations/index.js';
import { startInstance, useService } from '../support.js';

const log = pino({ level: 'silent' });
const person = (more: object = {}) => ({
  uuid: randomUUID(),
  email: `${randomUUID()}@example.com`,
  first_name: 'A',
  last_name: 'B',
  superuser: false,
  groups: [] as string[],
  tokens: [`bootstrap-${randomUUID()}`],
  ...more,
});
const file = (...users: ReturnType<typeof person>[]) => ({ users, components: [] });

describe('the bootstrap makes each thing once', () => {
  const s = useService();
  const live = async (token: string) => (await s.as(token).get('/account/v1.0/authenticate')).status === 200;
  const revoke = async (uuid: string) => {
    const [t] = await s.rows<{ audit_id: string }>(
      'select audit_id from token t join account a on a.id = t.account_id where a.uuid = $1',
      [uuid],
    );
    await revokeByAuditId(s.act, t?.audit_id as string);
  };
  /** A week passes, and the row of what was revoked is removed. */
  const sweep = async () => {
    await s.rows("update token set revoked_at = revoked_at - interval '8 days' where revoked_at is not null");
    await tidy(s.ctx);
  };

  it('a revoked token stays revoked after its row is gone and the service starts again', async () => {
    const one = person();
    await loadPrincipals(s.ctx, file(one));
    expect(await live(one.tokens[0] as string)).toBe(true);
    await revoke(one.uuid);
    await sweep();
    expect(
      await s.rows('select 1 from token t join account a on a.id = t.account_id where a.uuid = $1', [one.uuid]),
    ).toEqual([]);
    await loadPrincipals(s.ctx, file(one));
    expect(await live(one.tokens[0] as string)).toBe(false);
  });
  it('a token that is added to the file later is made, those before it are not made again', async () => {
    const one = person();
    await loadPrincipals(s.ctx, file(one));
    await revoke(one.uuid);
    await sweep();
    const added = `bootstrap-${randomUUID()}`;
    await loadPrincipals(s.ctx, file({ ...one, tokens: [...one.tokens, added] }));
    expect([await live(one.tokens[0] as string), await live(added)]).toEqual([false, true]);
  });
  it('a user who was deleted stays deleted, a superuser too', async () => {
    const one = person({ superuser: true });
    await loadPrincipals(s.ctx, file(one));
    await s.rows('delete from account where uuid = $1', [one.uuid]);
    await loadPrincipals(s.ctx, file(one));
    expect(await s.rows('select 1 from account where uuid = $1', [one.uuid])).toEqual([]);
    expect(await live(one.tokens[0] as string)).toBe(false);
  });
  it('groups, password and state stay what has been made of them', async () => {
    const one = person({ groups: ['admin-api'], password: 'a right long password' });
    await loadPrincipals(s.ctx, file(one));
    const row = () =>
      s.rows(
        'select a.*, array(select group_id from group_member where account_id = a.id) g from account a where uuid = $1',
        [one.uuid],
      );
    await s.rows(
      "update account set password_hash = 'other', first_name = 'Other', is_active = false where uuid = $1",
      [one.uuid],
    );
    await s.rows('delete from group_member where account_id = (select id from account where uuid = $1)', [one.uuid]);
    const before = await row();
    await loadPrincipals(s.ctx, file(one));
    expect(await row()).toEqual(before);
  });
  it('a component that was removed does not come back', async () => {
    const component = {
      name: `gone-${randomUUID()}`,
      url: '/',
      token: `component-${randomUUID()}`,
      rights: ['users.manage' as const],
    };
    const load = () => loadPrincipals(s.ctx, { users: [], components: [component] });
    await load();
    await s.rows('delete from component where name = $1', [component.name]);
    await load();
    expect(await s.rows('select 1 from component where name = $1', [component.name])).toEqual([]);
    expect(
      (await s.as(component.token).get('/identity/v3/auth/tokens').set('X-Subject-Token', component.token)).status,
    ).toBe(401);
  });
});

/** A database of an older release: `made` is there, nothing of it is noted. */
const older = async (
  made: Parameters<typeof loadPrincipals>[1],
  forget: string[],
  work: (ctx: IdentityCtx, db: Db) => Promise<void>,
): Promise<void> => {
  const { url, drop } = await cloneDatabase({ name: 'identity', migrations, log });
  const db = await openDatabase({ url, migrations, applicationName: 'test', log });
  const { ctx, stop } = await startInstance(url);
  try {
    await loadPrincipals(ctx, made);
    await db.pool.query("delete from loaded_fixture where name like 'bootstrap:%'");
    for (const statement of forget) await db.pool.query(statement);
    const at = migrations.findIndex((m) => m.name.startsWith('BootstrapOnce'));
    for (const _ of migrations.slice(at)) await db.source.undoLastMigration();
    await db.source.runMigrations();
    await work(ctx, db);
  } finally {
    await stop();
    await db.close();
    await drop();
  }
};
const goodOf = (ctx: IdentityCtx) => async (token: string) => (await ctx.tokens.find(token)) !== undefined;

it('an installation of an older release: what was swept before the record began does not come back, new entries are made', async () => {
  const old = person({ tokens: ['swept-away-000000000000000', 'kept-00000000000000000000000'] });
  await older(file(old), ["delete from token where hint = 'swept-'"], async (ctx) => {
    const good = goodOf(ctx);
    const fresh = person();
    await loadBootstrap(ctx, { identity: file(old, fresh), compute: { users: [] } });
    expect([
      await good('swept-away-000000000000000'),
      await good('kept-00000000000000000000000'),
      await good(fresh.tokens[0] as string),
    ]).toEqual([false, true, true]);
    // From now on a new token of somebody who is there is made.
    await loadBootstrap(ctx, {
      identity: file({ ...old, tokens: ['added-later-0000000000000000'] }),
      compute: { users: [] },
    });
    expect(await good('added-later-0000000000000000')).toBe(true);
  });
});
describe('components of an installation of an older release', () => {
  const component = (name: string) => ({ name, url: '/', token: `${name}-${'0'.repeat(30)}` });
  const [kept, swept, gone] = [component('kept'), component('swept'), component('gone')];
  const identity = { users: [person()], components: [kept, swept, gone] };
  const load = (ctx: IdentityCtx, more: object = {}) =>
    loadBootstrap(ctx, { identity: { ...identity, ...more }, compute: { users: [] } });
  const names = async (db: Db) =>
    (await sql<{ name: string }>(db, "select name from component where name <> 'astakos' order by name")).map(
      (c) => c.name,
    );

  it('work on; a revoked token and a removed component never come back; what is new later is made', async () => {
    await older(
      identity,
      ["delete from token where hint = 'swept-'", "delete from component where name = 'gone'"],
      async (ctx, db) => {
        const good = goodOf(ctx);
        for (let i = 0; i < 2; i += 1) {
          await load(ctx);
          expect(await Promise.all([kept, swept, gone].map((c) => good(c.token)))).toEqual([true, false, false]);
          expect(await names(db)).toEqual(['kept', 'swept']);
        }
        const fresh = component('fresh');
        await load(ctx, { components: [kept, fresh] });
        expect([await good(fresh.token), await names(db)]).toEqual([true, ['fresh', 'kept', 'swept']]);
        // Made anew by the operator: with a token of its own, the one of the file stays dead.
        await sql(db, "insert into component (name, url) values ('gone', '/')");
        await load(ctx);
        expect(await good(gone.token)).toBe(false);
      },
    );
  });
  it('are made where the older release ended before it came to them', async () => {
    await older({ ...identity, components: [] }, [], async (ctx, db) => {
      await load(ctx);
      expect(await names(db)).toEqual(['gone', 'kept', 'swept']);
      expect(await Promise.all([kept, swept, gone].map((c) => goodOf(ctx)(c.token)))).toEqual([true, true, true]);
    });
  });
});
