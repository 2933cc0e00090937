import {
  bigint,
  boolean,
  bytea,
  columns,
  computed,
  declaredTable,
  doublePrecision,
  em,
  generated,
  inet,
  instant,
  integer,
  jsonb,
  named,
  nullable,
  numeric,
  openDatabase,
  run,
  safeInteger,
  smallint,
  sql,
  table,
  text,
  textArray,
  uuid,
  uuidArray,
  varchar,
  withDefault,
  type Db,
  type NewRow,
  type Row,
} from '@nefos/service-kit';
import { cloneDatabase } from '@nefos/testing';
import { pino } from 'pino';
import { ArrayContains, IsNull } from 'typeorm';

const log = pino({ level: 'silent' });
const things = table(
  'thing',
  {
    id: generated(integer()),
    kind: text<'large' | 'small'>(),
    shortName: nullable(varchar()),
    level: smallint(),
    bigNumber: bigint(),
    safeNumber: safeInteger(),
    share: doublePrecision(),
    amount: numeric(),
    isActive: withDefault(boolean()),
    publicId: uuid(),
    address: nullable(inet()),
    madeAt: instant(),
    endsAt: named('end', nullable(instant())),
    hash: bytea(),
    details: jsonb<{ a: number[] }>(),
    tags: textArray(),
    members: uuidArray(),
    double: computed(integer()),
    lastNumber: nullable(safeInteger()),
  },
  { primary: ['id'] },
);
const pairs = table('pair', { left: integer(), right: text() }, { primary: ['left', 'right'] });
const lines = table('line', { words: text() }, { primary: [] });
type Thing = Row<typeof things>;
type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const typesHold: [
  Same<Thing['kind'], 'large' | 'small'>,
  Same<Thing['endsAt'], string | null>,
  Same<Thing['hash'], Buffer>,
  Same<Thing['lastNumber'], number | null>,
  Same<Row<typeof pairs>, { left: number; right: string }>,
  Same<NewRow<typeof pairs>, { left: number; right: string }>,
  Same<'double' extends keyof NewRow<typeof things> ? true : false, false>,
  Same<
    NewRow<typeof things> extends { id?: number; shortName?: string | null; isActive?: boolean } ? true : false,
    true
  >,
] = [true, true, true, true, true, true, true, true];

const fresh: NewRow<typeof things> = {
  kind: 'small',
  level: -3,
  bigNumber: '9223372036854775807',
  safeNumber: Number.MAX_SAFE_INTEGER,
  share: 0.1,
  amount: '12345678901234567890.123456',
  publicId: '6f1f7b0e-8d1c-4e8f-9b8e-0a4d9c6f1e22',
  address: '10.0.0.1',
  madeAt: '2026-01-01 00:00:00.123456+00',
  hash: Buffer.from([0, 255]),
  details: { a: [1, 2] },
  tags: ['a"b', 'c,d', ''],
  members: ['6f1f7b0e-8d1c-4e8f-9b8e-0a4d9c6f1e22'],
};
const whole: Thing = {
  ...(fresh as Omit<Thing, 'id'>),
  id: 1,
  shortName: null,
  isActive: true,
  endsAt: null,
  double: -6,
  lastNumber: null,
};

describe('a declared table', () => {
  let db: Db;
  let drop: () => Promise<void>;
  beforeAll(async () => {
    const clone = await cloneDatabase({ name: 'kit_table', log });
    db = await openDatabase({ url: clone.url, log, applicationName: 'test', entities: [things, pairs, lines] });
    drop = async () => {
      await db.close();
      await clone.drop();
    };
    await sql(
      db,
      `create table thing (id int generated always as identity primary key, kind text not null, short_name varchar(20),
        level smallint not null, big_number bigint not null, safe_number bigint not null, share double precision not null,
        amount numeric(30,6) not null, is_active boolean not null default true, public_id uuid not null, address inet,
        made_at timestamptz not null, "end" timestamptz, hash bytea not null, details jsonb not null, tags text[] not null,
        members uuid[] not null, "double" int generated always as (level * 2) stored, last_number bigint)`,
    );
    await sql(db, 'create table pair ("left" int, "right" text, primary key ("left", "right"))');
    await sql(db, 'create table line (words text not null)');
  });
  afterAll(() => drop());
  beforeEach(() => run(db, 'truncate thing, pair, line restart identity'));

  it('gives its types', () => expect(typesHold).not.toContain(false));
  it('gives the same values by the repository and by SQL', async () => {
    const { identifiers } = await em(db).insert(things, { ...fresh });
    expect(identifiers).toEqual([{ id: 1 }]);
    expect(await em(db).findOneBy(things, { id: 1 })).toEqual(whole);
    expect(await sql<Thing>(db, `select ${columns(things)} from thing`)).toEqual([whole]);
    expect(await sql<Thing>(db, `select ${columns(things, 't')} from thing t`)).toEqual([whole]);
    const read = await em(db).createQueryBuilder(things, 't').where('t.endsAt is null').getMany();
    expect(read).toEqual([whole]);
  });
  it('takes back what it gives: updates and conditions by every kind of value', async () => {
    await em(db).insert(things, { ...fresh });
    await em(db).update(things, { id: 1, endsAt: IsNull() }, { ...fresh, endsAt: whole.madeAt, lastNumber: 7 });
    const changed = { ...whole, endsAt: whole.madeAt, lastNumber: 7 };
    const { madeAt, safeNumber, lastNumber, publicId, hash, kind, amount } = changed;
    const where = { madeAt, safeNumber, lastNumber, publicId, hash, kind, amount, tags: ArrayContains(changed.tags) };
    expect(await em(db).findBy(things, where)).toEqual([changed]);
    expect((await em(db).delete(things, { endsAt: whole.madeAt })).affected).toBe(1);
  });
  it('picks columns in the given order', () => {
    expect(columns(things, 't', ['madeAt', 'id', 'endsAt'])).toBe('t."made_at" "madeAt", t."id", t."end" "endsAt"');
    expect(columns(pairs)).toBe('"left", "right"');
  });
  it('knows keys of several columns, and tables without a key', async () => {
    await em(db).insert(pairs, [
      { left: 1, right: 'a' },
      { left: 1, right: 'b' },
    ]);
    expect(await em(db).findOneBy(pairs, { left: 1, right: 'b' })).toEqual({ left: 1, right: 'b' });
    await em(db).insert(lines, { words: 'x' });
    expect(await em(db).find(lines)).toEqual([{ words: 'x' }]);
    expect([pairs, lines].map((one) => declaredTable(one).primary)).toEqual([['left', 'right'], []]);
  });
  it('remembers what the database should have', () => {
    const { name, columns: all, primary } = declaredTable(things);
    expect([name, primary]).toEqual(['thing', ['id']]);
    expect(all.filter((one) => ['id', 'end', 'is_active', 'tags', 'double'].includes(one.name))).toEqual([
      { name: 'id', type: 'integer', nullable: false, source: 'generated' },
      { name: 'is_active', type: 'boolean', nullable: false, source: 'default' },
      { name: 'end', type: 'timestamp with time zone', nullable: true, source: undefined },
      { name: 'tags', type: 'text[]', nullable: false, source: undefined },
      { name: 'double', type: 'integer', nullable: false, source: 'computed' },
    ]);
  });
});
