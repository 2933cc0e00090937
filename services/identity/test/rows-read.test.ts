import { sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { IdentityRequest } from '../src/ctx.js';
import { demandTokenInReach } from '../src/sign-in/domain/component-reach.js';
import { revokeAll, type RevocationExtent } from '../src/access/domain/revocation.js';
import { people, service, useService } from './support.js';

const MANY = 2000;
interface Work {
  read: number;
  written: number;
}
/** What the statements of `work` read and write of a table. */
const workOn = async (tx: Tx, table: string, work: () => Promise<unknown>): Promise<Work> => {
  const look = async (): Promise<Work> =>
    (
      await sql<Work & Record<string, unknown>>(
        tx,
        `select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int read, n_tup_upd::int written
        from pg_stat_xact_user_tables where relname = $1`,
        [table],
      )
    )[0] as Work;
  const before = await look();
  await work();
  const after = await look();
  return { read: after.read - before.read, written: after.written - before.written };
};

describe('a component ends a token of a user about whom much is recorded', () => {
  const s = useService();
  const issue = async (uuid: string): Promise<string> =>
    (
      await s
        .as(service.token)
        .post(`/internal/v1/users/${uuid}/tokens`)
        .send({ label: '', form: 'hex', expires_at: null })
        .expect(201)
    ).body.audit_id;
  const look = async (auditId: string): Promise<{ read: number; refused: boolean }> => {
    const [made] = await s.rows<{ actor: string }>("select actor from audit_event where action = 'token.mint' limit 1");
    let refused = false;
    const { read } = await s.db.transaction((tx) => {
      const ctx = { ...s.act, db: tx as Queryable, principal: { uuid: made?.actor } } as unknown as IdentityRequest;
      return workOn(tx, 'audit_event', () =>
        demandTokenInReach(ctx, auditId).catch(() => {
          refused = true;
        }),
      );
    });
    return { read, refused };
  };
  let made: string;
  beforeAll(async () => {
    made = await issue(people.user.uuid);
    await s.rows(
      `insert into audit_event (actor, action, target, result, detail)
      select actor, action, target, result, jsonb_build_object('audit_id', 'a' || n)
      from (select * from audit_event where detail->>'audit_id' = $1) e, generate_series(1, $2::int) n`,
      [made, MANY],
    );
    await s.rows('analyze audit_event');
  });

  it("nothing of the record is read about an ordinary user's", async () => {
    expect(await look(made)).toEqual({ read: 0, refused: false });
  });
  it("a few rows about an administrator's, whether the component made it or not", async () => {
    const [foreign] = await s.rows<{ id: string }>('select audit_id id from token where hint = $1', [
      people.user.token.slice(0, 6),
    ]);
    await s
      .as(people.admin.token)
      .post(`/identity/v2.0/users/${people.user.uuid}/action`)
      .send({ addGroup: { name: 'admin-api' } })
      .expect(200);
    for (const [id, refused] of [
      [made, false],
      [foreign?.id ?? '', true],
    ] as const) {
      const found = await look(id);
      expect(found.refused).toBe(refused);
      expect(found.read).toBeLessThan(10);
    }
  });
});

describe('the end of all tokens of an account that has had very many', () => {
  const s = useService();
  const end = async (extent: RevocationExtent): Promise<Work & { tokens: number }> => {
    const [account] = await s.rows<{ id: number; uuid: string }>('select id::int, uuid from account where uuid = $1', [
      people.user.uuid,
    ]);
    const work = await s.db.transaction((tx) =>
      workOn(tx, 'token', () =>
        revokeAll(s.act, tx, () => undefined, account as { id: number; uuid: string }, 'test', extent),
      ),
    );
    const [event] = await s.rows<{ n: number }>(
      "select (detail->>'tokens')::int n from audit_event where action = 'token.revoke_all' order by id desc limit 1",
    );
    return { ...work, tokens: event?.n ?? 0 };
  };
  /** Tokens that expired a day ago or were revoked, and a few that live. */
  const fill = async (): Promise<void> => {
    await s.rows('delete from token where account_id = (select id from account where uuid = $1)', [people.user.uuid]);
    await s.rows(
      `insert into token (hash, audit_id, kind, account_id, hint, expires_at, revoked_at)
      select sha256(n::text::bytea), 'over' || n, 'v3', (select id from account where uuid = $1), '',
        case when n > 10 then now() - interval '1 day' end, case when n > $2::int / 2 then now() end
      from generate_series(1, $2::int) n`,
      [people.user.uuid, MANY],
    );
    await s.rows('analyze token');
  };

  it.each<RevocationExtent>(['sign-ins', 'tokens', 'everything'])(
    '%s: reads each once or so, writes those that live',
    async (extent) => {
      await fill();
      const first = await end(extent);
      expect(first).toMatchObject({ written: 10, tokens: 10 });
      const second = await end(extent);
      expect(second.written).toBe(0);
      expect(second.read).toBeLessThan(1.5 * MANY);
      // Two looks, since the first one found something.
      expect(first.read).toBeLessThan(2.5 * MANY);
    },
  );
  it('what was made with tokens that are over ends, however far', async () => {
    await fill();
    await s.rows(
      `insert into token (hash, audit_id, kind, account_id, hint, parent_audit_id)
      select sha256(('c' || n)::bytea), 'child' || n, 'api', (select id from account where uuid = $1), '',
        case n when 3 then 'child2' else 'over' || n * 900 end
      from generate_series(1, 3) n`,
      [people.other.uuid],
    );
    expect(await end('tokens')).toMatchObject({ tokens: 10 + 3 + 1 });
    expect(await s.rows("select 1 from token where audit_id like 'child%' and revoked_at is null")).toEqual([]);
  });
});
