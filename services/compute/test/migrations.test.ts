import { sql, type Db } from '@nefos/service-kit';
import { useService } from './support.js';

const schema = (db: Db) =>
  sql(
    db,
    `select table_name, column_name, data_type, is_nullable, column_default from information_schema.columns where table_schema = 'public' and table_name <> 'migrations'
  union all select conrelid::regclass::text, conname, pg_get_constraintdef(oid), '', '' from pg_constraint where connamespace = 'public'::regnamespace and conrelid::regclass::text <> 'migrations'
  union all select tablename, indexname, indexdef, '', '' from pg_indexes where schemaname = 'public' and tablename <> 'migrations' order by 1, 2, 3`,
  );

describe('migrations', () => {
  const service = useService();

  it('down and up again make the same tables, constraints and indexes', async () => {
    const before = await schema(service.db);
    expect(before.length).toBeGreaterThan(100);
    for (const _ of service.db.source.migrations) await service.db.source.undoLastMigration();
    expect(await schema(service.db)).toEqual([]);
    await service.db.source.runMigrations();
    expect(await schema(service.db)).toEqual(before);
  });
  it('every constraint is named after its table and columns', async () => {
    const rows = await sql<{ name: string; table: string }>(
      service.db,
      `select conname "name", conrelid::regclass::text "table" from pg_constraint where connamespace = 'public'::regnamespace and contype in ('f', 'u', 'c')`,
    );
    for (const { name, table } of rows) expect(name).toMatch(new RegExp(`^${table}_\\w+_(key|fkey|check)$`));
  });
  it('every reference has an index that serves it, so that a client can be deleted without reading whole tables', async () => {
    const bare = await sql<{ table: string; column: string }>(
      service.db,
      `select c.conrelid::regclass::text "table", a.attname "column" from pg_constraint c join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
      where c.contype = 'f' and c.confdeltype <> 'a' and c.connamespace = 'public'::regnamespace and not exists (select from pg_index i where i.indrelid = c.conrelid and i.indkey[0] = a.attnum) order by 1, 2`,
    );
    // The catalogue's own join tables are small, and a flavor, image or region is seldom deleted.
    const seldom = ['flavor_project.flavor_id', 'image_member.image_id', 'instance.region_id'];
    expect(bare.map(({ table, column }) => `${table}.${column}`).filter((name) => !seldom.includes(name))).toEqual([]);
  });
});
