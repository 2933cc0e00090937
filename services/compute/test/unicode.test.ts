import { randomUUID } from 'node:crypto';
import { migrateJobs, migrate, openDatabase, sql, type Db } from '@nefos/service-kit';
import { testServer } from '@nefos/testing';
import pg from 'pg';
import { planList } from '../src/lists/list-plan.js';
import { readListQuery, type ListSpec } from '../src/lists/list-query.js';
import { clientList } from '../src/clients/store/clients.js';
import { migrations } from '../src/migrations/index.js';
import { findTaken, reserveUser } from '../src/users/store/new-users.js';
import { userList } from '../src/users/store/users.js';
import { createBody, useCloud } from './cloud-support.js';
import { log } from './support.js';

/** A stored text and what finds it. */
const FOUND = [
  ['Ζωή', 'ζωή', 'ΖΩΉ', 'ωή'],
  ['Σοφοκλής', 'ΣΟΦΟΚΛΉΣ', 'σοφοκλήσ', 'κλής'],
  ['Straße', 'STRASSE', 'strasse', 'STRAẞE'],
  ['Жанна', 'жАННА'],
  ['Ångström', 'åNGSTRÖM'],
  ['Plain', 'PLAIN', 'plain'],
] as const;
const PAIRS = FOUND.flatMap(([stored, ...asked]) => asked.map((one) => [stored, one] as const));

describe('letters of any alphabet, small or capital, over HTTP', () => {
  const { service } = useCloud();
  const names = async (path: string): Promise<unknown[]> =>
    ((await service.staff.get(path).expect(200)).body as { objects: Record<string, unknown>[] }).objects.map(
      (one) => one.first_name ?? one.display_name ?? one.name,
    );
  beforeAll(async () => {
    for (const [stored] of FOUND) {
      const client = await service.seedClient({ name: [stored, 'Doe'] });
      await sql(
        service.db,
        'insert into portal_user (uuid, username, email, first_name, last_name) values ($1, $2, $3, $4, $4)',
        [randomUUID(), `user ${client}`, `${stored}@example.gr`, stored],
      );
      await sql(service.db, 'insert into client_group (name) values ($1)', [stored]);
      await service.staff.post('/staffapi/openstack/instances', createBody({ client, name: stored })).expect(201);
    }
  });
  it.each(PAIRS)('200: %s is found by %s', async (stored, asked) => {
    const q = encodeURIComponent(asked);
    for (const list of ['clients', 'users', 'clientgroups', 'openstack/instances']) {
      const field = list === 'clients' || list === 'users' ? 'first_name' : 'name';
      expect([list, await names(`/staffapi/${list}?search=${q}`)]).toEqual([list, [stored]]);
      if (list !== 'users')
        expect([list, await names(`/staffapi/${list}?filtering=${field}__icontains:${q}`)]).toEqual([list, [stored]]);
    }
    expect(await names(`/staffapi/users?filtering=email__icontains:${q}`)).toEqual([stored]);
    expect((await service.staff.get(`/staffapi/billing/services?search=${q}`).expect(200)).body.totalCount).toBe(1);
  });
  it('200: the whole value in other letters, and no other value', async () => {
    expect(await names(`/staffapi/clients?filtering=first_name__iexact:${encodeURIComponent('ΖΩΉ')}`)).toEqual(['Ζωή']);
    expect(await names(`/staffapi/users?filtering=email__iexact:${encodeURIComponent('ΖΩΉ@EXAMPLE.GR')}`)).toEqual([
      'Ζωή',
    ]);
    expect(await names(`/staffapi/clients?filtering=first_name__iexact:${encodeURIComponent('ΖΩ')}`)).toEqual([]);
    expect(await names(`/staffapi/clients?filtering=first_name:${encodeURIComponent('ζωή')}`)).toEqual([]);
  });
  it('200: what is searched follows what is changed', async () => {
    const id = await service.seedClient({ name: ['Before', 'Doe'] });
    await service.staff.patch(`/staffapi/clients/${id}`, { first_name: 'Αθηνά' }).expect(200);
    expect(await names(`/staffapi/clients?search=${encodeURIComponent('ΑΘΗΝΆ doe')}`)).toEqual(['Αθηνά']);
    expect(await names('/staffapi/clients?search=before')).toEqual([]);
  });
});

const LOCALES: [string, string][] = [
  ['C', "locale 'C'"],
  ['Turkish', "locale_provider icu icu_locale 'tr-TR' locale 'C'"],
  ['German', "locale_provider icu icu_locale 'de-DE' locale 'C'"],
];
describe.each(LOCALES)('a database with the locale %s', (name, locale) => {
  const database = `unicode_${name.toLowerCase()}_${randomUUID().slice(0, 8)}`;
  let db: Db;
  const server = async (text: string): Promise<void> => {
    const client = new pg.Client({ connectionString: testServer() });
    await client.connect();
    await client.query(text).finally(() => client.end());
  };
  beforeAll(async () => {
    await server(`create database ${database} encoding 'UTF8' ${locale} template template0`);
    const url = new URL(testServer());
    url.pathname = `/${database}`;
    db = await openDatabase({ url: url.toString(), migrations, log, applicationName: 'test' });
    await migrate(db, migrateJobs);
    await sql(
      db,
      `insert into client (id, first_name, last_name, email, address1, city, country, zip_code, phone, currency, configuration_id)
      select 100000 + i, 'Name' || i, 'Last', 'mail' || i || '@example.com', 's', 'c', 'US', '1', '1', 'EUR', (select id from configuration where is_default) from generate_series(1, 3000) i`,
    );
    await sql(
      db,
      `insert into portal_user (uuid, username, email, first_name, last_name, activated) select gen_random_uuid(), 'user' || i, 'Mail' || i || '@example.com', 'Name' || i, 'Last', i > 5
      from generate_series(1, 3000) i`,
    );
    for (const [i, [stored]] of FOUND.entries())
      await sql(db, 'update client set first_name = $2 where id = $1', [100001 + i, stored]);
    await sql(db, 'analyze');
  });
  afterAll(async () => {
    await db?.close();
    await server(`drop database if exists ${database} with (force)`);
  });
  const planOf = async (spec: ListSpec, query: Record<string, unknown>): Promise<string> => {
    const { count, values } = planList(spec, readListQuery(spec, query));
    return (await sql<{ 'QUERY PLAN': string }>(db, `explain ${count}`, values))
      .map((row) => row['QUERY PLAN'])
      .join('\n');
  };

  it.each(PAIRS)('%s is found by %s', async (stored, search) => {
    const { rows, values } = planList(clientList, readListQuery(clientList, { search }));
    expect((await sql<{ firstName: string }>(db, rows, values)).map((row) => row.firstName)).toEqual([stored]);
  });
  it('i and I are one letter', async () => {
    const { count, values } = planList(
      userList,
      readListQuery(userList, { filtering: 'email__iexact:MAIL77@EXAMPLE.COM' }),
    );
    expect(await sql(db, count, values)).toEqual([{ total: 1 }]);
  });
  it('an address in other letters is found by the index, not by reading the table', async () => {
    expect(await planOf(userList, { filtering: 'email__iexact:MAIL77@EXAMPLE.COM' })).toContain(
      'portal_user_email_idx',
    );
    expect(await planOf(clientList, { filtering: 'email__iexact:MAIL77@EXAMPLE.COM' })).toContain('client_email_idx');
    expect(await planOf(clientList, { search: 'ζωή' })).toContain('search_text');
  });
  it('one reservation for an address however it is written, as identity has one account for it', async () => {
    const now = new Date();
    const uuid = await reserveUser(db, 'Νίκος@example.gr', randomUUID(), now);
    expect(await reserveUser(db, 'ΝΊΚΟΣ@EXAMPLE.GR', randomUUID(), now)).toBe(uuid);
    expect(await reserveUser(db, 'straße@example.de', randomUUID(), now)).not.toBe(
      await reserveUser(db, 'strasse@example.de', randomUUID(), now),
    );
  });
  it('an address that waits to be let in is taken in any letters; one that is only alike is not', async () => {
    await sql(db, `update portal_user set email = 'ΝΊΚΟΣ@example.gr' where username = 'user1'`);
    await sql(db, `update portal_user set email = 'Straße@example.de' where username = 'user2'`);
    const taken = async (email: string) => (await findTaken(db, 'nobody', null, email)).email;
    expect([
      await taken('νίκος@EXAMPLE.gr'),
      await taken('STRASSE@example.de'),
      await taken('STRAßE@example.de'),
    ]).toEqual([true, false, true]);
  });
});

describe('a database of the release before', () => {
  const { service } = useCloud();

  it('is brought up to date with what is in it', async () => {
    const { db } = service;
    const names = async () =>
      (await sql<{ name: string }>(db, 'select name from migrations order by id desc')).map((row) => row.name);
    while ((await names()).some((name) => name.startsWith('ExactReplies'))) await db.source.undoLastMigration();
    await sql(db, `update client set first_name = 'Ζωή', company = null where id = $1`, [service.ownClient]);
    await sql(
      db,
      `insert into user_reservation (email, uuid, reserved_at) values ('ΝΊΚΟΣ@x.gr', gen_random_uuid(), now() - interval '1 hour'),
        ('νίκος@x.gr', '00000000-0000-4000-8000-000000000001', now()), ('ΆΝΝΑ@x.gr', '00000000-0000-4000-8000-000000000002', now())`,
    );
    await sql(
      db,
      `insert into idempotency_key (user_id, key, fingerprint, status, body, headers)
      select id, 'old', '\\x00', 201, '{"b":1,"a":2}', '{}' from portal_user where username = 'demo'`,
    );
    await db.source.runMigrations();
    const { rows, values } = planList(clientList, readListQuery(clientList, { search: 'ΖΩΉ' }));
    expect(await sql<{ id: number }>(db, rows, values)).toMatchObject([{ id: service.ownClient }]);
    expect(await sql(db, 'select email, uuid from user_reservation order by uuid')).toEqual([
      { email: 'νίκος@x.gr', uuid: '00000000-0000-4000-8000-000000000001' },
      { email: 'άννα@x.gr', uuid: '00000000-0000-4000-8000-000000000002' },
    ]);
    expect(await sql(db, `select status, body from idempotency_key where key = 'old'`)).toEqual([
      { status: 201, body: { a: 2, b: 1 } },
    ]);
  });
});
