import { people, PASSWORD, until, useService, type Instance } from '../support.js';

describe('what one process revokes, all processes refuse', () => {
  const s = useService();
  let other: Instance;
  beforeAll(async () => {
    other = await s.replica();
  });
  const mint = async (email: string): Promise<string> =>
    (
      await s
        .api()
        .post('/identity/v2.0/tokens')
        .send({ auth: { passwordCredentials: { username: email, password: PASSWORD } } })
        .expect(200)
    ).body.access.token.id;
  const good = async (token: string): Promise<boolean> =>
    (await other.api().get('/account/v1.0/authenticate').set('X-Auth-Token', token)).status === 200;
  /** The other process has the token in its memory, then it is revoked here. */
  const revoking = async (token: string, revoke: () => Promise<unknown>): Promise<void> => {
    expect(await good(token)).toBe(true);
    expect(other.ctx.tokens.peek(token)).toBeDefined();
    await revoke();
    await s.as(token).get('/account/v1.0/authenticate').expect(401); // here: at once
    await until(async () => !(await good(token)), 2); // there: long before its five seconds are over
  };
  it('401: DELETE of a token', async () => {
    const token = await mint(people.other.email);
    await revoking(token, () => s.as(token).delete(`/identity/v2.0/tokens/${token}`).expect(204));
  });
  it('401: DELETE by v3', async () => {
    const token = await mint(people.other.email);
    await revoking(token, () =>
      s.as(token).delete('/identity/v3/auth/tokens').set('X-Subject-Token', token).expect(204),
    );
  });
  it('401: renewal kills all tokens and makes one', async () => {
    const [a, b] = [await mint(people.other.email), await mint(people.other.email)];
    let fresh = '';
    await revoking(a, async () => {
      fresh = (
        await s
          .as(people.admin.token)
          .post(`/identity/v2.0/users/${people.other.uuid}/action`)
          .send({ renewToken: '' })
          .expect(200)
      ).body.user.auth_token;
    });
    expect([await good(b), await good(fresh)]).toEqual([false, true]);
  });
  it('401: a new password', async () => {
    const token = await mint(people.other.email);
    await revoking(token, () =>
      s
        .as(token)
        .post(`/identity/v3/users/${people.other.uuid}/password`)
        .send({ user: { original_password: PASSWORD, password: `${PASSWORD} 2` } })
        .expect(204),
    );
    await s
      .as(people.admin.token)
      .put(`/identity/v2.0/users/${people.other.uuid}`)
      .send({ user: { password: PASSWORD } })
      .expect(200);
  });
  it('401: deactivation; activation does not bring old tokens back', async () => {
    const token = await mint(people.other.email);
    await revoking(token, () =>
      s
        .as(people.admin.token)
        .post(`/identity/v2.0/users/${people.other.uuid}/action`)
        .send({ deactivate: { reason: 'test' } })
        .expect(200),
    );
    await s
      .as(people.admin.token)
      .post(`/identity/v2.0/users/${people.other.uuid}/action`)
      .send({ activate: '' })
      .expect(200);
    expect(await good(token)).toBe(false);
  });
  it('401: new terms, until they are signed', async () => {
    const { addTerms } = await import('../../src/accounts/domain/terms.js');
    const token = await mint(people.other.email);
    await revoking(token, () => addTerms(s.act, 'terms.html'));
    await s.rows('delete from approval_terms');
    s.ctx.tokens.forget('all');
    other.ctx.tokens.forget('all');
    expect(await good(token)).toBe(true);
  });
  it('without the notification a token is believed for its few seconds and no longer', async () => {
    const deaf = await s.replica({ NEFOS_IDENTITY_TOKEN_CACHE_SECONDS: '1' });
    const token = await mint(people.other.email);
    const status = async () => (await deaf.api().get('/account/v1.0/authenticate').set('X-Auth-Token', token)).status;
    expect(await status()).toBe(200);
    await s.rows('update token set revoked_at = now() where hint = $1', [token.slice(0, 6)]); // behind everybody's back
    expect(await status()).toBe(200);
    await until(async () => (await status()) === 401, 3);
  });
  it('an answer that was on its way while its token was revoked is not kept', async () => {
    const token = await mint(people.other.email);
    const reading = s.ctx.tokens.find(token);
    s.ctx.tokens.forget('all');
    await reading;
    // The read began before `forget`; whether it saw the token or not, memory must not have it from then.
    const late = s.ctx.tokens.find(token);
    await new Promise((r) => {
      setImmediate(r);
    });
    s.ctx.tokens.forget('all');
    await late;
    expect(s.ctx.tokens.peek(token)).toBeUndefined();
  });
  /** Answers of the database come this much later. */
  const slowly = async <T>({ db: { pool } }: Instance, ms: number, work: () => Promise<T>): Promise<T> => {
    const query = pool.query.bind(pool);
    pool.query = (async (...args: unknown[]) => {
      const found = await (query as (...a: unknown[]) => Promise<unknown>)(...args);
      await new Promise((r) => {
        setTimeout(r, ms);
      });
      return found;
    }) as never;
    try {
      return await work();
    } finally {
      pool.query = query;
    }
  };
  it('401: a token that two queries brought into memory is forgotten with its owner', async () => {
    const token = await mint(people.other.email);
    s.ctx.tokens.forget('all');
    await slowly(s, 100, async () => {
      const first = s.ctx.tokens.find(token);
      await new Promise((r) => {
        setTimeout(r, 20);
      });
      await Promise.all([first, s.ctx.tokens.find(token)]);
    });
    expect(s.ctx.tokens.peek(token)).toBeDefined();
    await s
      .as(people.admin.token)
      .post(`/identity/v2.0/users/${people.other.uuid}/action`)
      .send({ revokeTokens: {} })
      .expect(200);
    await s.as(token).get('/account/v1.0/authenticate').expect(401);
  });
  it('the few seconds count from when the database was asked, not from its answer', async () => {
    const quick = await s.replica({ NEFOS_IDENTITY_TOKEN_CACHE_SECONDS: '0.5' });
    const token = await mint(people.other.email);
    await slowly(quick, 600, () => quick.ctx.tokens.find(token));
    expect(quick.ctx.tokens.peek(token)).toBeUndefined();
  });
  it('a listener that loses its connection hears again, and forgets what it may have missed', async () => {
    const token = await mint(people.other.email);
    expect(await good(token)).toBe(true);
    await s.rows(
      `select pg_terminate_backend(pid) from pg_stat_activity
        where application_name = 'nefos-identity-listen' and datname = current_database()`,
    );
    await until(
      async () =>
        (
          await s.rows(
            `select 1 from pg_stat_activity
              where application_name = 'nefos-identity-listen' and datname = current_database()`,
          )
        ).length >= 2,
      5,
    );
    const fresh = await mint(people.other.email);
    await revoking(fresh, () => s.as(fresh).delete(`/identity/v2.0/tokens/${fresh}`).expect(204));
  });
  it('cache 0: every validation asks the database', async () => {
    const fresh = await s.replica({ NEFOS_IDENTITY_TOKEN_CACHE_SECONDS: '0' });
    const token = await mint(people.other.email);
    const status = async () => (await fresh.api().get('/account/v1.0/authenticate').set('X-Auth-Token', token)).status;
    expect(await status()).toBe(200);
    await s.rows('update token set revoked_at = now() where hint = $1', [token.slice(0, 6)]);
    expect(await status()).toBe(401);
  });
});
