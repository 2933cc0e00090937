import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { identityInternal } from '@nefos/contracts';
import type { Fault } from '@nefos/service-kit';
import { program } from '../../src/cli/program.js';
import { describeFault } from '../../src/sentences.js';
import { createActiveUser } from '../../src/accounts/domain/new-accounts.js';
import { loadPrincipals } from '../../src/accounts/domain/bootstrap.js';
import { addTerms } from '../../src/accounts/domain/terms.js';
import { insertTerms } from '../../src/accounts/store/terms.js';
import { login, people, PASSWORD, service, useService } from '../support.js';

const { admin, user, other } = people;
const PAGE = '/ui/approval_terms';

describe('new terms of use', () => {
  const s = useService();
  const me = (token: string) => s.as(token).get('/account/v1.0/authenticate');
  const live = async () =>
    (await s.rows<{ n: number }>('select count(*)::int n from token where revoked_at is null'))[0]?.n;
  const nefos = async (...args: string[]) => {
    const shown: unknown[] = [];
    const command = program(
      async () => ({ ctx: s.ctx, close: async () => undefined }),
      (rows) => shown.push(...rows),
    );
    await command.exitOverride().parseAsync(args, { from: 'user' });
    return shown as Record<string, unknown>[];
  };
  const internal = (method: 'post' | 'put', to: string, body: object) =>
    s.as(service.token)[method](`/internal/v1/users/${to}`).send(body);
  const cookieOf = (res: { headers: Record<string, unknown> }) =>
    String((res.headers['set-cookie'] as string[] | undefined)?.[0]).split(';', 1)[0] as string;
  const signIn = (username: string, next = '/ui/landing') =>
    s.api().post('/ui/login').type('form').send({ username, password: PASSWORD, next });
  const open = (cookie: string, to = PAGE) => s.api().get(to).set('Cookie', cookie);
  const fields = (text: string) =>
    Object.fromEntries(
      ['csrf', 'terms', 'next'].map((name) => [
        name,
        new RegExp(`name="${name}" value="([^"]*)"`).exec(text)?.[1] ?? '',
      ]),
    );
  const send = (cookie: string, form: object, headers: Record<string, string> = {}) =>
    s.api().post(PAGE).set('Cookie', cookie).set(headers).type('form').send(form);
  const session = async () => {
    await addTerms(s.act, 'terms.txt', 'You shall be kind <to> everybody.');
    return cookieOf(await signIn(user.email).expect(302));
  };

  it('bind users, and neither components, administrators, staff of a component nor the command line', async () => {
    const helper = await createActiveUser(s.act, {
      email: 'helper@example.com',
      firstName: 'A',
      lastName: 'B',
      groups: ['admin-api'],
    });
    const staff = '5b0f3e0e-0c1d-4b53-9d0f-53a4f2a6c001';
    await internal('put', staff, {
      email: 'staff@example.com',
      first_name: 'S',
      last_name: 'S',
      password: PASSWORD,
      staff: true,
    }).expect(200);
    await internal('post', `${staff}/activate`, {}).expect(204);
    const key = (await internal('post', `${staff}/tokens`, { label: 'x', form: 'hex', expires_at: null }).expect(201))
      .body.token;
    expect(await nefos('terms', 'add', 'https://example.com/terms')).toEqual([
      { id: expect.any(Number), location: 'https://example.com/terms' },
    ]);
    for (const token of [admin.token, helper.token.token, key]) await me(token).expect(200);
    for (const token of [user.token, other.token])
      expect((await me(token).expect(401)).body.unauthorized.message).toBe('Pending approval terms');
    await s.as(service.token).get('/identity/v3/auth/tokens').set('X-Subject-Token', key).expect(200);
    await s.as(service.token).get('/identity/v3/auth/tokens').set('X-Subject-Token', user.token).expect(404);
    await s.as(service.token).post('/account/v1.0/service/user_catalogs').send({ uuids: [] }).expect(200);
    await login(s, admin).expect(201);
    expect((await nefos('user', 'list')).length).toBeGreaterThan(3);
  });
  it('a refused sign-in makes no token, at every door', async () => {
    const before = await live();
    const v2 = (username: string, password: string) =>
      s
        .api()
        .post('/identity/v2.0/tokens')
        .send({ auth: { passwordCredentials: { username, password } } });
    expect((await v2(user.email, PASSWORD).expect(401)).body.unauthorized.message).toBe('Pending approval terms');
    await v2(user.uuid, user.token).expect(401);
    expect((await login(s, user).expect(401)).body.error.message).toBe('Pending approval terms');
    await s
      .api()
      .post('/identity/v3/auth/tokens')
      .send({ auth: { identity: { methods: ['token'], token: { id: user.token } } } })
      .expect(401);
    const { body } = await internal('post', `${user.uuid}/sessions`, { password: PASSWORD, seconds: 60 }).expect(403);
    expect(body.error.reason).toBe(identityInternal.TERMS_PENDING);
    expect(await live()).toBe(before);
  });
  it('nefos terms sign signs for a user: the token works again', async () => {
    expect(await nefos('terms', 'sign', other.email)).toEqual([
      { uuid: other.uuid, username: other.email, has_signed_terms: true },
    ]);
    await me(other.token).expect(200);
    await me(user.token).expect(401);
    const missing = nefos('terms', 'sign', other.email, 'nobody@example.com', 'nor@example.com').catch((err: unknown) =>
      describeFault(err as Fault),
    );
    expect(await missing).toBe('No such user: nobody@example.com, nor@example.com');
  });
  it('nefos user show: must_sign_terms is what locks a user out, also one who has signed earlier terms', async () => {
    const must = async (name: string) => (await nefos('user', 'show', name))[0]?.must_sign_terms;
    await nefos('terms', 'sign', user.email);
    expect(await must(user.email)).toBe(false);
    await addTerms(s.act, 'https://example.com/later');
    expect(await must(user.email)).toBe(true);
    expect(await must(admin.email)).toBe(false);
  });
  it('a sign-in that is refused for terms is recorded once, as refused, with the user; it is no last log-in', async () => {
    await nefos('terms', 'sign', user.email);
    const signedIn = (await login(s, user).expect(201)).headers['x-subject-token'] as string;
    const made = await s
      .as(signedIn)
      .post(`/identity/v3/users/${user.uuid}/application_credentials`)
      .send({ application_credential: { name: 'refused for terms' } })
      .expect(201);
    const { id, secret } = made.body.application_credential;
    await addTerms(s.act, 'https://example.com/others');
    const lastLogin = () => s.rows('select last_login from account where uuid = $1', [user.uuid]);
    const before = await lastLogin();
    const [last] = await s.rows<{ id: string }>('select max(id) id from audit_event');
    const warn = jest.spyOn(s.ctx.log, 'warn');
    const counted = jest.spyOn(s.ctx.signIns, 'inc');
    await login(s, user).expect(401);
    const v2 = { auth: { passwordCredentials: { username: user.email, password: PASSWORD } } };
    await s.api().post('/identity/v2.0/tokens').send(v2).expect(401);
    await internal('post', `${user.uuid}/sessions`, { password: PASSWORD, seconds: 60 }).expect(403);
    const auth = { identity: { methods: ['application_credential'], application_credential: { id, secret } } };
    const refused = await s.api().post('/identity/v3/auth/tokens').send({ auth }).expect(401);
    expect(refused.body.error.message).toBe('Pending approval terms');
    const doors = [{ door: 'v3' }, { door: 'v2' }, { door: 'component' }, { credential: id }];
    const events = await s.rows('select action, target, result, detail from audit_event where id > $1 order by id', [
      last?.id,
    ]);
    expect(events).toEqual(
      doors.map((door) => ({
        action: 'login',
        target: user.uuid,
        result: 'refused',
        detail: { reason: 'terms', ...door },
      })),
    );
    expect(warn.mock.calls.map(([line]) => line)).toMatchObject(
      doors.map((door) => ({ event: 'login', result: 'refused', why: 'terms', target: user.uuid, ...door })),
    );
    expect(warn.mock.calls[0]?.[0]).toMatchObject({ who: user.uuid });
    expect(counted.mock.calls).toEqual(doors.map(() => [{ outcome: 'terms' }]));
    expect(await lastLogin()).toEqual(before);
    jest.restoreAllMocks();
  });
  it.each<[string, () => PromiseLike<unknown>]>([
    ['the command line', () => nefos('terms', 'sign', other.email)],
    [
      'an action',
      () => s.as(admin.token).post(`/identity/v2.0/users/${other.uuid}/action`).send({ signTerms: {} }).expect(200),
    ],
    ['making a user', () => createActiveUser(s.act, { email: 'made-now@example.com', firstName: 'M', lastName: 'N' })],
  ])('terms are signed by %s only when they can be seen, and it is recorded which', async (_how, sign) => {
    const adding = await s.db.begin();
    const id = await insertTerms(adding.tx, { location: 'being added', text: null });
    let over = false;
    const signing = Promise.resolve(sign()).finally(() => {
      over = true;
    });
    const waits = async () =>
      (await s.rows("select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"))
        .length > 0;
    for (const end = Date.now() + 20_000; !over && !(await waits()) && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await adding.commit();
    await signing;
    const [event] = await s.rows(
      "select detail from audit_event where action = 'user.sign_terms' order by id desc limit 1",
    );
    expect(event).toEqual({ detail: { terms: id } });
  });
  it('nefos terms add keeps the text of a file; what is no file and no address is refused, without a change', async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'nefos-terms-'));
    const file = path.join(folder, 'terms.txt');
    try {
      writeFileSync(file, 'Be <b>kind</b>.\n');
      const [made] = await nefos('terms', 'add', file);
      rmSync(file);
      expect((await s.api().get(PAGE).expect(200)).text).toContain('Be &lt;b&gt;kind&lt;/b&gt;.');
      const before = await nefos('terms', 'list');
      expect(before[0]).toMatchObject({ id: made?.id, location: file, text: 'kept here' });
      writeFileSync(path.join(folder, 'binary'), Buffer.from([0, 1, 2]));
      writeFileSync(path.join(folder, 'empty'), ' ');
      for (const name of ['missing', 'binary', 'empty'])
        await expect(nefos('terms', 'add', path.join(folder, name))).rejects.toMatchObject({ code: 'terms.file' });
      // Nobody could read terms that are at no address, and everybody would have to sign them.
      for (const location of [
        'http://',
        'https://',
        'https:///',
        'http://?x',
        'http:x',
        'https://a b/',
        'http://x:99999/',
        `https://x/${'y'.repeat(2000)}`,
      ])
        await expect(nefos('terms', 'add', location)).rejects.toMatchObject({ code: 'terms.address' });
      expect(await nefos('terms', 'list')).toEqual(before);
      // As one types it: npm runs commands in the root of the project, wherever it was called.
      writeFileSync(file, 'From here.');
      const { INIT_CWD } = process.env;
      process.env.INIT_CWD = folder;
      await nefos('terms', 'add', 'terms.txt').finally(() => {
        if (INIT_CWD === undefined) delete process.env.INIT_CWD;
        else process.env.INIT_CWD = INIT_CWD;
      });
      expect((await s.api().get(PAGE).expect(200)).text).toContain('From here.');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
  it('a person signs on the page: read, sign in, accept, go on to where one came from', async () => {
    const early = await session();
    expect(early).toContain('_pithos2_a=');
    expect((await s.api().get(PAGE).expect(200)).text).toContain('/ui/login?next=%2Fui%2Fapproval_terms');
    const signedIn = await signIn(user.email, '/ui/somewhere').expect(302);
    const to = String(signedIn.headers.location);
    expect(to).toBe(`${PAGE}?next=%2Fui%2Fsomewhere`);
    const cookie = cookieOf(signedIn);
    // Until then it opens nothing else.
    expect((await open(cookie, '/ui/landing').expect(302)).headers.location).toBe(`${PAGE}?next=/ui/landing`);
    expect((await open(cookie, '/ui/').expect(302)).headers.location).toBe(PAGE);
    expect((await open(cookie, '/ui/get_menu').expect(200)).body).toEqual([
      { url: '/ui/', name: 'Sign in', is_active: true },
    ]);
    const token = decodeURIComponent(cookie).split('|')[1] as string;
    await me(token).expect(401);
    const { text } = await open(cookie, to).expect(200);
    expect(text).toContain('You shall be kind &lt;to&gt; everybody.');
    const done = await send(cookie, fields(text)).expect(302);
    expect(done.headers.location).toBe('/ui/somewhere');
    for (const one of [token, user.token]) await me(one).expect(200);
    await open(cookie, '/ui/landing').expect(200);
    expect((await open(cookie).expect(200)).text).toContain('You have nothing to sign.');
    const [event] = await s.rows(
      "select actor, target, detail from audit_event where action = 'user.sign_terms' order by id desc limit 1",
    );
    expect(event).toEqual({ actor: user.uuid, target: user.uuid, detail: { terms: expect.any(Number) } });
  });
  it('403: a form from elsewhere or without its token signs nothing; 409: other terms came in between', async () => {
    const cookie = await session();
    const form = fields((await open(cookie)).text);
    await send(cookie, { ...form, csrf: 'x' }).expect(403);
    await send(cookie, { ...form, csrf: '' }).expect(403);
    await send(cookie, form, { Origin: 'https://evil.example' }).expect(403);
    expect((await send('', form).expect(302)).headers.location).toBe('/ui/login?next=%2Fui%2Fapproval_terms');
    await addTerms(s.act, 'newer.txt', 'Newer ones.');
    const again = await send(cookie, form).expect(409);
    expect(again.text).toContain('Newer ones.');
    await me(user.token).expect(401);
    await send(cookie, { ...form, terms: 'x' }).expect(400);
    await send(cookie, fields(again.text)).expect(302);
    await me(user.token).expect(200);
    expect((await s.api().get(`${PAGE}/${form.terms}`).expect(200)).text).toContain('You shall be kind');
    await s.api().get(`${PAGE}/999999`).expect(404);
  });
  it('a number of terms is digits, in the path and in the form', async () => {
    const cookie = await session();
    const form = fields((await open(cookie)).text);
    await s.api().get(`${PAGE}/${form.terms}`).expect(200);
    for (const wrong of [
      `${form.terms}e0`,
      `${form.terms}.0`,
      `%20${form.terms}`,
      `0x${form.terms}`,
      `+${form.terms}`,
      `0${form.terms}`,
    ]) {
      expect([400, 404]).toContain((await s.api().get(`${PAGE}/${wrong}`)).status);
      await send(cookie, { ...form, terms: decodeURIComponent(wrong) }).expect(400);
    }
    await me(user.token).expect(401);
  });
  it('who has signed writes nothing by signing again', async () => {
    const cookie = await session();
    const form = fields((await open(cookie)).text);
    await send(cookie, form).expect(302);
    const written = () =>
      s.rows(
        `select a.date_signed_terms, (select count(*) from audit_event where action = 'user.sign_terms') n
         from account a where uuid = $1`,
        [user.uuid],
      );
    const before = await written();
    for (let i = 0; i < 3; i += 1)
      expect((await send(cookie, { ...form, next: '/ui/somewhere' }).expect(302)).headers.location).toBe(
        '/ui/somewhere',
      );
    expect(await written()).toEqual(before);
  });
  it('403 with its reason: a component makes no token for somebody who must sign first', async () => {
    await session();
    const before = await live();
    const wanted = { label: 'x', form: 'hex', expires_at: null };
    expect((await internal('post', `${user.uuid}/tokens`, wanted).expect(403)).body.error.reason).toBe(
      identityInternal.TERMS_PENDING,
    );
    expect(await live()).toBe(before);
  });
  it('signing out ends the session of whoever has not signed', async () => {
    const cookie = await session();
    const before = (await live()) as number;
    const { text } = await open(cookie, '/ui/logout').expect(200);
    await s.api().post('/ui/logout').set('Cookie', cookie).type('form').send(fields(text)).expect(302);
    expect(await live()).toBe(before - 1);
  });
  it('who signs while others add terms has signed the ones before, never the ones that were not read', async () => {
    const cookie = await session();
    const form = fields((await open(cookie)).text);
    const [res] = await Promise.all([send(cookie, form), addTerms(s.act, 'at-once.txt', 'At once.')]);
    expect([302, 409]).toContain(res.status);
    await me(user.token).expect(401);
  });
  it('a user of the bootstrap file who is staff of the portal is not bound, in new and old installations', async () => {
    const { loadBootstrap } = await import('../../src/accounts/domain/bootstrap.js');
    const staff = {
      uuid: 'b4a1a9f0-51c8-4c8e-9a52-1a7e4bd5d001',
      email: 'portal@example.com',
      first_name: 'P',
      last_name: 'P',
      tokens: ['portal-staff-0000000000000000000'],
    };
    const identity = { users: [{ ...staff, superuser: false, groups: [] }], components: [] };
    await loadPrincipals(s.ctx, identity);
    await addTerms(s.act, 'https://example.com/terms');
    await me(staff.tokens[0] as string).expect(401);
    const { tokens: _, ...portal } = staff;
    await loadBootstrap(s.ctx, {
      identity,
      compute: { users: [{ ...portal, username: 'staff', is_staff: true, clients: [] }] },
    });
    await me(staff.tokens[0] as string).expect(200);
  });
});
