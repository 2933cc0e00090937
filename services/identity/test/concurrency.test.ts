import { randomUUID } from 'node:crypto';
import { sql } from '@nefos/service-kit';
import { renewTokens } from '../src/accounts/domain/account-tokens.js';
import { prepare } from '../src/prepare.js';
import { loadPrincipals } from '../src/accounts/domain/bootstrap.js';
import { login, people, PASSWORD, service, until, useService } from './support.js';

describe('two at once', () => {
  const s = useService();
  it('two renewals: one token lives', async () => {
    const made = await Promise.all(Array.from({ length: 5 }, () => renewTokens(s.act, people.other.uuid)));
    const states = await Promise.all(
      made.map(async ({ token }) => (await s.as(token).get('/account/v1.0/authenticate')).status),
    );
    const [row] = await s.rows<{ n: number }>(
      `select count(*)::int n from token t join account a on a.id = t.account_id
        where a.uuid = $1 and revoked_at is null`,
      [people.other.uuid],
    );
    expect([states.filter((one) => one === 200).length, row?.n]).toEqual([1, 1]);
  });
  it('sign-ups with one address: one wins, the others get 409', async () => {
    const create = () =>
      s
        .as(people.admin.token)
        .post('/identity/v2.0/users')
        .send({ user: { username: 'race@example.com', first_name: 'A', last_name: 'B', password: PASSWORD } });
    expect((await Promise.all([create(), create(), create()])).map((r) => r.status).sort()).toEqual([200, 409, 409]);
  });
  it('an unverified user gives way to the next with this address; a verified one does not', async () => {
    const put = (uuid: string) =>
      s
        .as(service.token)
        .put(`/internal/v1/users/${uuid}`)
        .send({ email: 'Squatter@example.com', first_name: 'A', last_name: 'B' });
    const [first, second, third] = [randomUUID(), randomUUID(), randomUUID()];
    await put(first).expect(200);
    await put(second).expect(200);
    expect(await s.rows('select uuid from account where username = $1', ['squatter@example.com'])).toEqual([
      { uuid: second },
    ]);
    await s.as(service.token).post(`/internal/v1/users/${second}/activate`).expect(204);
    await put(third).expect(409);
  });
  it('the same putUser many times at once makes one user', async () => {
    const uuid = randomUUID();
    const all = await Promise.all(
      Array.from({ length: 6 }, () =>
        s
          .as(service.token)
          .put(`/internal/v1/users/${uuid}`)
          .send({ email: 'once@example.com', first_name: 'A', last_name: 'B' }),
      ),
    );
    expect(new Set(all.map((r) => r.status))).toEqual(new Set([200]));
    expect(await s.rows('select 1 from account where username = $1', ['once@example.com'])).toHaveLength(1);
  });
  it('two processes that start at once with one bootstrap make each principal once', async () => {
    const other = await s.replica();
    const users = [
      {
        uuid: randomUUID(),
        email: 'boot@example.com',
        first_name: 'B',
        last_name: 'B',
        superuser: false,
        groups: ['g1'],
        tokens: ['boot-token-00000000000000000000'],
      },
    ];
    await Promise.all([
      loadPrincipals(s.ctx, { users, components: [] }),
      loadPrincipals(other.ctx, { users, components: [] }),
    ]);
    await s.as(users[0]!.tokens[0]!).get('/account/v1.0/authenticate').expect(200);
    await s.as(users[0]!.tokens[0]!).delete(`/identity/v2.0/tokens/${users[0]!.tokens[0]!}`).expect(204);
    await loadPrincipals(s.ctx, { users, components: [] });
    await s.as(users[0]!.tokens[0]!).get('/account/v1.0/authenticate').expect(401); // revoked stays revoked
    await Promise.all([prepare(s.ctx, undefined), prepare(other.ctx, undefined)]);
    expect(await s.rows("select name from service where name like 'astakos%' order by id")).toHaveLength(4);
  });
  /** Begins `work` while a transaction that did `text` is open, and commits when something waits for it. */
  const during = async <T>(text: string, values: unknown[], work: () => Promise<T>): Promise<T> => {
    let running!: Promise<T>;
    await s.db.transaction(async (tx) => {
      await sql(tx, text, values);
      running = work();
      await until(
        async () =>
          (
            await s.rows(
              "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
            )
          ).length > 0,
      );
    });
    return running;
  };
  const hashes = async (): Promise<[string, string]> => [
    await s.ctx.passwords.hash('another long password'),
    await (await import('argon2')).default.hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 }),
  ];
  const stored = async (): Promise<string | undefined> =>
    (
      await s.rows<{ password_hash: string }>('select password_hash from account where uuid = $1', [people.other.uuid])
    )[0]?.password_hash;
  it('401: a sign-in with the old password does not write it back over a new one that came in between', async () => {
    const [fresh, old] = await hashes();
    await s.rows('update account set password_hash = $2 where uuid = $1', [people.other.uuid, old]);
    expect(
      await during(
        'update account set password_hash = $2 where uuid = $1',
        [people.other.uuid, fresh],
        async () => (await login(s, people.other)).status,
      ),
    ).toBe(401);
    expect(await stored()).toBe(fresh);
  });
  it('403: a change of the password by the old one loses against a new one that came in between', async () => {
    const [fresh] = await hashes();
    const token = (await renewTokens(s.act, people.other.uuid)).token;
    await s.rows('update account set password_hash = $2 where uuid = $1', [
      people.other.uuid,
      await s.ctx.passwords.hash(PASSWORD),
    ]);
    const change = async () =>
      (
        await s
          .as(token)
          .post(`/identity/v3/users/${people.other.uuid}/password`)
          .send({ user: { original_password: PASSWORD, password: 'a password of the thief' } })
      ).status;
    expect(
      await during('update account set password_hash = $2 where uuid = $1', [people.other.uuid, fresh], change),
    ).toBe(403);
    expect(await stored()).toBe(fresh);
    await s.rows('update account set password_hash = $2 where uuid = $1', [
      people.other.uuid,
      await s.ctx.passwords.hash(PASSWORD),
    ]);
  });
  it('409: a component makes a token or a session with a token that is revoked at that moment', async () => {
    const wanted = { label: '', form: 'hex', expires_at: null };
    const internal = (path: string, body: object) =>
      s.as(service.token).post(`/internal/v1/users/${people.user.uuid}/${path}`).send(body);
    for (const [path, body] of [
      ['tokens', wanted],
      ['trusted-sessions', { seconds: 60 }],
    ] as const) {
      const madeWith = (await internal('tokens', wanted).expect(201)).body.audit_id as string;
      const res = await during(
        'update token set revoked_at = now() where audit_id = $1',
        [madeWith],
        async () => await internal(path, { ...body, made_with: madeWith }),
      );
      expect([path, res.status, res.body.error.reason]).toEqual([path, 409, 'token.over']);
    }
  });
  it('401: an application credential that is deleted while it makes a token', async () => {
    const made = (
      await s
        .as(people.user.token)
        .post(`/identity/v3/users/${people.user.uuid}/application_credentials`)
        .send({ application_credential: { name: 'short-lived' } })
        .expect(201)
    ).body.application_credential;
    const use = async () =>
      (
        await s
          .api()
          .post('/identity/v3/auth/tokens')
          .send({
            auth: {
              identity: {
                methods: ['application_credential'],
                application_credential: { id: made.id, secret: made.secret },
              },
            },
          })
      ).status;
    expect(await during('delete from application_credential where id = $1', [made.id], use)).toBe(401);
  });
  it('a bootstrap file that is no bootstrap says what is wrong', async () => {
    await expect(prepare(s.ctx, '/nonexistent/bootstrap.json')).rejects.toThrow('NEFOS_BOOTSTRAP_FILE: can not read');
    await expect(prepare(s.ctx, __filename)).rejects.toThrow('is no JSON');
  });
});
