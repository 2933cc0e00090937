import { people, PASSWORD, useService } from '../support.js';

const attempt = (username: string, password: string) => ({ auth: { passwordCredentials: { username, password } } });
describe('signing in', () => {
  const s = useService({ env: { NEFOS_IDENTITY_ADDRESS_FAILURES: '40' } });
  const post = (username: string, password: string, from = '203.0.113.1') =>
    s.api().post('/identity/v2.0/tokens').set('X-Forwarded-For', from).send(attempt(username, password));
  beforeEach(async () => {
    await s.rows('delete from rate_limit');
  });

  it('401: unknown user, wrong password, inactive user and locked account answer alike', async () => {
    const wrong = await post(people.user.email, 'wrong').expect(401);
    const unknown = await post('nobody@example.com', 'wrong').expect(401);
    await s.rows('update account set is_active = false where uuid = $1', [people.other.uuid]);
    const inactive = await post(people.other.email, PASSWORD).expect(401);
    await s.rows('update account set is_active = true where uuid = $1', [people.other.uuid]);
    expect([unknown.body, inactive.body]).toEqual([wrong.body, wrong.body]);
  });
  it('401: six failures lock the account for its right password too, a success before that resets', async () => {
    for (let i = 0; i < 5; i += 1) await post(people.user.email, 'wrong').expect(401);
    await post(people.user.email, PASSWORD).expect(200);
    for (let i = 0; i < 6; i += 1) await post(people.user.email, 'wrong', `203.0.113.${i}`).expect(401);
    await post(people.user.email, PASSWORD).expect(401);
    await post(people.user.uuid, PASSWORD).expect(401); // by its other name, too
    await post(people.other.email, PASSWORD).expect(200); // nobody else
    const [row] = await s.rows<{ left: number }>(
      `select (expire - extract(epoch from now()) * 1000)::float8 / 60000 as left from rate_limit
        where key like 'account:%' and points >= 6`,
    );
    expect(row?.left).toBeGreaterThan(14);
    expect(row?.left).toBeLessThanOrEqual(15);
  });
  it('a burst can not outrun the counter, and another process counts with us', async () => {
    const other = await s.replica();
    await Promise.all(Array.from({ length: 12 }, () => post(people.user.email, 'wrong')));
    await other.api().post('/identity/v2.0/tokens').send(attempt(people.user.email, PASSWORD)).expect(401);
    expect(
      await s.rows(
        `select 1 from audit_event where action = 'login' and detail->>'reason' = 'password'
          and at > now() - interval '5 seconds'`,
      ),
    ).not.toHaveLength(12);
  });
  it('many right passwords at once are all right', async () => {
    expect(
      (await Promise.all(Array.from({ length: 8 }, () => post(people.user.email, PASSWORD)))).map((r) => r.status),
    ).toEqual(Array(8).fill(200));
  });
  it('429 with Retry-After for an address that fails all the time; other addresses are served', async () => {
    await s.rows(
      `insert into rate_limit (key, points, expire)
        values ('address:203.0.113.77', 40, extract(epoch from now() + interval '5 minutes') * 1000)`,
    );
    const res = await post('somebody@example.com', 'wrong', '203.0.113.77').expect(429);
    expect(Number(res.headers['retry-after'])).toBeGreaterThan(200);
    await post(people.user.email, PASSWORD).expect(200);
  });
  it('an older hash is replaced at the next sign-in', async () => {
    const { default: argon2 } = await import('argon2');
    await s.rows('update account set password_hash = $2 where uuid = $1', [
      people.user.uuid,
      await argon2.hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 }),
    ]);
    await post(people.user.email, PASSWORD).expect(200);
    expect(
      (
        await s.rows<{ password_hash: string }>('select password_hash from account where uuid = $1', [people.user.uuid])
      )[0]?.password_hash,
    ).toMatch(/^\$argon2id\$v=19\$m=19456,p?=?.*t=2|^\$argon2id\$v=19\$m=19456,t=2,p=1/);
    await post(people.user.email, PASSWORD).expect(200);
    await s.rows('update account set password_hash = $2 where uuid = $1', [
      people.user.uuid,
      await argon2.hash(PASSWORD, { memoryCost: 8192, timeCost: 1, parallelism: 1 }),
    ]);
    expect(
      (await Promise.all(Array.from({ length: 4 }, () => post(people.user.email, PASSWORD)))).map((r) => r.status),
    ).toEqual(Array(4).fill(200));
  });
  it('a password is never in the audit record, nor what was typed in place of a name', async () => {
    await post('my-secret-password-as-name', 'x').expect(401);
    expect(
      await s.rows(
        `select 1 from audit_event e
          where to_jsonb(e)::text like '%my-secret%' or to_jsonb(e)::text like '%right long%'`,
      ),
    ).toEqual([]);
    expect(
      (await s.rows<{ ip: string }>("select ip from audit_event where action = 'login' order by id desc limit 1"))[0]
        ?.ip,
    ).toBe('203.0.113.1');
  });
  it('the audit record can not be changed', async () => {
    await expect(s.rows("update audit_event set result = 'ok'")).rejects.toThrow('append-only');
    await expect(s.rows('delete from audit_event')).rejects.toThrow('append-only');
  });
});

describe('the sign-in page', () => {
  const s = useService();
  const submit = (
    headers: Record<string, string> = { Origin: 'http://gateway.test' },
    more: Record<string, string> = {},
  ) =>
    s
      .api()
      .post('/ui/login')
      .set(headers)
      .type('form')
      .send({ username: people.user.email, password: PASSWORD, ...more });
  const csrfIn = (text: string): string => /name="csrf" value="([\w-]{43})"/.exec(text)?.[1] ?? '';
  const signOut = (pair: string, form: object, headers: Record<string, string> = { Origin: 'http://gateway.test' }) =>
    s.api().post('/ui/logout').set('Cookie', pair).set(headers).type('form').send(form);
  const cookieOf = (res: { headers: Record<string, unknown> }): string =>
    String((res.headers['set-cookie'] as string[])[0]);

  it('302: signs in with a cookie that carries a live token; 302: signing out revokes it', async () => {
    const res = await submit().expect(302);
    const cookie = cookieOf(res);
    expect(cookie).toMatch(/^_pithos2_a=[0-9a-f-]{36}%7C[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000$/);
    const pair = cookie.split(';')[0]!;
    const token = decodeURIComponent(pair).split('|')[1]!;
    await s.as(token).get('/account/v1.0/authenticate').expect(200);
    expect((await s.api().get('/ui/get_menu').set('Cookie', pair).expect(200)).body).toHaveLength(3);
    expect((await s.api().get('/ui/landing').set('Cookie', pair).expect(200)).text).toContain('Firstname Lastname');
    const { text } = await s.api().get('/ui/landing').set('Cookie', pair).expect(200);
    expect(cookieOf(await signOut(pair, { csrf: csrfIn(text) }).expect(302))).toContain('Max-Age=0');
    await s.as(token).get('/account/v1.0/authenticate').expect(401);
    expect(cookieOf(await s.api().get('/ui/get_menu').set('Cookie', pair).expect(200))).toContain('Max-Age=0');
  });
  it('a link to the sign-out page signs nobody out, however it is followed: it shows a button', async () => {
    const pair = cookieOf(await submit().expect(302)).split(';')[0]!;
    for (const headers of [
      {},
      { Referer: 'http://gateway.test/ui/landing' },
      { Origin: 'http://evil.example' },
      { 'Sec-Purpose': 'prefetch' },
    ]) {
      const res = await s.api().get('/ui/logout?next=/ui/login').set('Cookie', pair).set(headers).expect(200);
      expect([res.headers['set-cookie'], csrfIn(res.text).length]).toEqual([undefined, 43]);
      expect(res.text).toContain('<form method="post" action="/ui/logout">');
    }
    for (const form of [{}, { csrf: 'A'.repeat(43) }, { csrf: 'é' }, { csrf: 'é'.repeat(43) }])
      await signOut(pair, form).expect(403);
    const csrf = csrfIn((await s.api().get('/ui/logout').set('Cookie', pair)).text);
    for (const [form, origin] of [
      [{ csrf: 'A'.repeat(43) }, 'http://gateway.test'],
      [{ csrf }, 'http://evil.example'],
    ] as const) {
      const res = await signOut(pair, form, { Origin: origin })
        .expect(403)
        .expect('Content-Type', 'text/html; charset=UTF-8');
      expect([res.text.includes('role="alert"'), csrfIn(res.text)]).toEqual([true, csrf]);
    }
    const refused = await submit({ Origin: 'http://evil.example' })
      .expect(403)
      .expect('Content-Type', 'text/html; charset=UTF-8');
    expect([refused.text.includes('<form method="post" action="/ui/login">'), refused.headers['set-cookie']]).toEqual([
      true,
      undefined,
    ]);
    const other = cookieOf(await submit().expect(302)).split(';')[0]!;
    await signOut(other, { csrf }).expect(403);
    expect((await s.api().get('/ui/get_menu').set('Cookie', pair).expect(200)).body).toHaveLength(3);
    expect((await signOut(pair, { csrf, next: '/ui/login' }).expect(302)).headers.location).toBe('/ui/login');
    expect((await s.api().get('/ui/get_menu').set('Cookie', pair).expect(200)).body).toHaveLength(1);
    expect((await s.api().get('/ui/logout').expect(302)).headers.location).toBe('/ui/');
    await signOut('a=b', {}).expect(302);
  });
  it('a new sign-in is a new session, and the one that the browser had before is over', async () => {
    const first = cookieOf(await submit().expect(302)).split(';')[0]!;
    const second = cookieOf(await submit({ Origin: 'http://gateway.test', Cookie: first }).expect(302)).split(';')[0]!;
    expect(second).not.toBe(first);
    const menu = async (pair: string) =>
      (await s.api().get('/ui/get_menu').set('Cookie', pair).expect(200)).body.length;
    expect([await menu(first), await menu(second)]).toEqual([1, 3]);
    // Not at a sign-in that fails; and a token that is no session's stays what it is.
    await submit({ Origin: 'http://gateway.test', Cookie: second }, { password: 'wrong' }).expect(401);
    expect(await menu(second)).toBe(3);
    await submit({
      Origin: 'http://gateway.test',
      Cookie: `_pithos2_a=${people.user.uuid}%7C${people.user.token}`,
    }).expect(302);
    await s.as(people.user.token).get('/account/v1.0/authenticate').expect(200);
  });
  it('401: a wrong password shows the form again', async () => {
    expect((await submit(undefined, { password: 'wrong' }).expect(401)).text).toContain('role="alert"');
  });
  it('403: a form that was sent from elsewhere', async () => {
    await submit({ Origin: 'http://evil.example' }).expect(403);
    await submit({ Origin: 'null' }).expect(403);
    await submit({ Referer: 'http://evil.example/x' }).expect(403);
    await submit({ 'Sec-Fetch-Site': 'cross-site' }).expect(403);
  });
  it('leads to our own paths only, and writes nothing of the address into the page unescaped', async () => {
    for (const next of [
      '//evil.example',
      'http://evil.example',
      '/\\evil.example',
      'javascript:alert(1)',
      '/x\r\nSet-Cookie: a=b',
    ])
      expect((await submit(undefined, { next }).expect(302)).headers.location).toBe('/ui/landing');
    expect((await submit(undefined, { next: '/ui/landing?a=1' }).expect(302)).headers.location).toBe('/ui/landing?a=1');
    expect((await s.api().get('/ui/login?next=/%22%3E%3Cscript%3E').expect(200)).text).not.toContain('<script');
  });
  it("the menu of a signed-in user is not read by strangers' scripts", async () => {
    const pair = cookieOf(await submit().expect(302)).split(';')[0]!;
    const names = async (referer?: string) =>
      JSON.parse(
        /\(([^(]*)\);$/.exec(
          (
            await s
              .api()
              .get('/ui/get_menu?callback=f')
              .set('Cookie', pair)
              .set(referer ? { Referer: referer } : {})
              .buffer(true)
              .parse((r, done) => {
                let t = '';
                r.on('data', (d) => {
                  t += String(d);
                });
                r.on('end', () => done(null, t));
              })
          ).body as string,
        )![1]!,
      ).length;
    expect([await names('http://gateway.test/page'), await names('http://evil.example/'), await names()]).toEqual([
      3, 1, 1,
    ]);
  });
});
