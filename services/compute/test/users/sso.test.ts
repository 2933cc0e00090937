import { randomUUID } from 'node:crypto';
import type { Principal } from '@nefos/contracts';
import { Fault, sql } from '@nefos/service-kit';
import { useService } from '../support.js';

describe('single sign-on from an external billing panel', () => {
  const service = useService();
  let customer: Awaited<ReturnType<typeof service.seedUser>>;
  beforeAll(async () => {
    customer = await service.seedUser({ username: 'customer', clients: [service.ownClient] });
    await sql(service.db, `update portal_user set external_billing_id = 'ext:7' where id = $1`, [customer.id]);
  });
  const ask = (euid = 'ext:7', as = service.staff) => as.post('/staffapi/get-sso-session', { euid });
  /** As the billing module reads it: the last two parts are time and MAC. */
  const link = async (euid?: string) => {
    const { hash_val: whole } = (await ask(euid).expect(200)).body as { hash_val: string };
    const [, id, timestamp, mac] = /^(.*):(\d+):([0-9a-f]{64})$/.exec(whole) as unknown as [
      string,
      string,
      string,
      string,
    ];
    return { euid: id, timestamp: Number(timestamp), hash_val: mac, whole };
  };
  type Link = Awaited<ReturnType<typeof link>>;
  const use = (one: Partial<Link>) => service.nobody.post('/api/sso', one);
  const open = ({ euid, timestamp, hash_val }: Omit<Link, 'whole'>) =>
    service.nobody.get(
      `/api/sso?euid=${encodeURIComponent(euid)}&timestamp=${timestamp}&hash_val=${encodeURIComponent(hash_val)}`,
    );
  const cookieOf = (res: { headers: object }): string =>
    ((res.headers as { 'set-cookie': string[] })['set-cookie'] ?? []).map((line) => line.split(';', 1)[0]).join('; ');
  const REFUSED = { non_field_errors: ['Unable to log in with provided credentials.'] };

  it('200: the link begins a session of the user and of nobody else, once', async () => {
    const one = await link();
    expect([one.euid, one.timestamp]).toEqual(['ext:7', Math.floor(service.clock.now().getTime() / 1000)]);
    const res = await use(one).expect(200);
    expect(res.body.user).toMatchObject({ id: customer.id, username: 'customer', is_staff: false });
    const me = await service.nobody.get('/api/current-user').set('Cookie', cookieOf(res)).expect(200);
    expect(me.body).toMatchObject({ id: customer.id, clients: [{ id: service.ownClient }] });
    await service.nobody.get('/staffapi/clients').set('Cookie', cookieOf(res)).expect(403);
    expect((await use(one).expect(400)).body).toEqual(REFUSED);
  });
  it('200: a browser follows the link, with the MAC alone or with all that was given', async () => {
    for (const value of ['hash_val', 'whole'] as const) {
      const one = await link();
      const res = await open({ ...one, hash_val: one[value] }).expect(200);
      expect(res.body.user.username).toBe('customer');
      expect(res.headers).toMatchObject({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
      await service.nobody.get('/api/current-user').set('Cookie', cookieOf(res)).expect(200);
      await open(one).expect(400);
    }
  });
  it('200: of many at once one gets in', async () => {
    const one = await link();
    const all = await Promise.all(Array.from({ length: 6 }, () => use(one)));
    expect(all.map((res) => res.status).sort()).toEqual([200, 400, 400, 400, 400, 400]);
  });
  it('405: HEAD, as of a program that looks at links, does not use it up', async () => {
    const one = await link();
    const path = `/api/sso?euid=ext:7&timestamp=${one.timestamp}&hash_val=${one.hash_val}`;
    const { default: request } = await import('supertest');
    const { headers } = await request(service.app).head(path).expect(405);
    expect(headers.allow).toBe('POST, GET');
    await open(one).expect(200);
  });
  it('400: after a minute, and what was changed in it, all alike', async () => {
    const late = await link();
    service.clock.advance(61);
    const one = await link();
    for (const wrong of [
      late,
      { ...one, euid: 'other' },
      { ...one, timestamp: one.timestamp + 1 },
      { ...one, hash_val: '0'.repeat(64) },
      { ...one, hash_val: one.hash_val.toUpperCase() },
    ])
      expect((await use(wrong).expect(400)).body).toEqual(REFUSED);
    for (const query of [
      '',
      '?euid=ext:7',
      `?euid=ext:7&timestamp=x&hash_val=${one.hash_val}`,
      `?euid=%00&timestamp=1&hash_val=1`,
    ])
      await service.nobody.get(`/api/sso${query}`).expect(400);
    expect((await use({}).expect(400)).body).toHaveProperty('euid');
    await use(one).expect(200);
  });
  it('400: an id that the user does not have any more', async () => {
    const one = await link();
    await sql(service.db, `update portal_user set external_billing_id = 'moved' where id = $1`, [customer.id]);
    await use(one).expect(400);
    await sql(service.db, `update portal_user set external_billing_id = 'ext:7' where id = $1`, [customer.id]);
  });
  it('404: an id that nobody has, an inactive user; inactive after the link was made: 400', async () => {
    await ask('nobody').expect(404);
    const one = await link();
    await sql(service.db, 'update portal_user set is_active = false where id = $1', [customer.id]);
    await ask().expect(404);
    await use(one).expect(400);
    await sql(service.db, 'update portal_user set is_active = true where id = $1', [customer.id]);
  });
  it.each(['is_staff', 'is_superuser'])(
    '403: nobody gets in as somebody with %s, not even a superuser; 400 when it came later',
    async (right) => {
      const root = await service.seedUser({ username: `root ${right}`, staff: true });
      await sql(service.db, 'update portal_user set is_superuser = true where id = $1', [root.id]);
      const one = await link();
      await sql(service.db, `update portal_user set ${right} = true where id = $1`, [customer.id]);
      await ask().expect(403);
      await ask('ext:7', root.as).expect(403);
      await use(one).expect(400);
      await sql(service.db, `update portal_user set ${right} = false where id = $1`, [customer.id]);
    },
  );
  it('403: an end user, a read-only token, a restricted credential, a component; 401 without a token', async () => {
    const links = () => sql(service.db, 'select * from sso_link order by hash');
    const before = await links();
    await ask('ext:7', service.user).expect(403);
    await ask('ext:7', service.as(service.tokens.component)).expect(403);
    await ask('ext:7', service.nobody).expect(401);
    for (const more of [{ readOnly: true as const }, { restricted: true as const }]) {
      const token = randomUUID().replaceAll('-', '') + '00000000';
      const staff = [...service.identity.tokens.values()].find((p) => p.displayName === 'demoadmin') as Principal;
      service.identity.tokens.set(token, { ...staff, ...more, auditId: randomUUID() });
      await ask('ext:7', service.as(token)).expect(403);
    }
    expect(await links()).toEqual(before);
  });
  it('the session ends with the token that it was made with, and a link of such a token opens nothing', async () => {
    const staff = await service.seedUser({ username: 'billing', staff: true });
    const auditId = [...service.identity.tokens.values()].find((p) => p.displayName === 'billing')?.auditId;
    const { hash_val: whole } = (await ask('ext:7', staff.as).expect(200)).body as { hash_val: string };
    expect(await sql(service.db, 'select 1 from sso_link where made_with = $1', [auditId])).toHaveLength(1);
    service.identity.tokens.delete(staff.token);
    await use({ euid: 'ext:7', timestamp: Number(whole.split(':').at(-2)), hash_val: whole }).expect(400);
  });
  it('400: terms of use wait to be signed, and the user is told so', async () => {
    const one = await link();
    const { openTrustedSession } = service.identity;
    service.identity.openTrustedSession = async () => {
      throw new Fault('conflict', 'identity.terms_pending');
    };
    const { body } = await use(one).expect(400);
    service.identity.openTrustedSession = openTrustedSession;
    expect(body).toEqual({
      non_field_errors: ['The terms of use have to be accepted first, at http://cloud.test/ui/approval_terms.'],
    });
  });
  it('503: while identity is silent nobody gets in', async () => {
    const one = await link();
    service.identity.down = true;
    await use(one).expect(503);
    service.identity.down = false;
  });
  it('nothing that opens a session is stored, also not as an answer to an Idempotency-Key', async () => {
    const { body } = await ask().set('Idempotency-Key', 'sso').expect(200);
    const mac = (body.hash_val as string).split(':').at(-1) as string;
    for (const table of ['sso_link', 'idempotency_key'])
      expect(JSON.stringify(await sql(service.db, `select * from ${table}`))).not.toContain(mac);
    expect((await ask().set('Idempotency-Key', 'sso').expect(200)).body.hash_val).not.toBe(body.hash_val);
  });
  it('what is over is thrown away', async () => {
    await link();
    service.clock.advance(61);
    await service.sweep('portal.expired');
    expect(await sql(service.db, 'select 1 from sso_link')).toEqual([]);
  });
});
