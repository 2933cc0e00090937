import { declaredTable, sql, type AnyTable, type Db } from '@nefos/service-kit';

interface FoundTable {
  name: string;
  columns: string[];
  primary: string[];
}
const tablesOf = (db: Db): Promise<FoundTable[]> =>
  sql(
    db,
    `select c.relname "name",
        (select array_agg(concat_ws(' ', a.attname, format_type(a.atttypid, null),
            case when not a.attnotnull then 'null' end,
            case when a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%' then 'generated'
              when a.attgenerated <> '' then 'computed' when d.oid is not null then 'default' end)
            order by a.attname)::text[]
          from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
          where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) "columns",
        coalesce((select array_agg(a.attname order by array_position(i.indkey::int[], a.attnum::int))::text[]
          from pg_index i join pg_attribute a on a.attrelid = c.oid and a.attnum = any(i.indkey)
          where i.indrelid = c.oid and i.indisprimary), '{}') "primary"
      from pg_class c
      where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and c.relname <> 'migrations'
      order by c.relname`,
  );

const declared = (entity: AnyTable): FoundTable => {
  const { name, columns, primary } = declaredTable(entity);
  return {
    name,
    primary,
    columns: columns
      .map((one) =>
        [one.name, one.type, ...(one.nullable ? ['null'] : []), ...(one.source ? [one.source] : [])].join(' '),
      )
      .toSorted(),
  };
};
const differences = (entity: FoundTable, table: FoundTable): string[] => [
  ...entity.columns
    .filter((one) => !table.columns.includes(one))
    .map((one) => `${entity.name}: declared "${one}", which the database has not`),
  ...table.columns
    .filter((one) => !entity.columns.includes(one))
    .map((one) => `${entity.name}: the database has "${one}", which is not declared`),
  ...(entity.primary.join() === table.primary.join()
    ? []
    : [
        `${entity.name}: the primary key is declared (${entity.primary.join()}), ` +
          `the database has (${table.primary.join()})`,
      ]),
];

/**
 * In what the declared tables and those of a migrated database differ, both ways: tables, columns, types, what may be
 * null, where values come from (generated, default, computed), primary keys. Lengths and precisions, and the order of
 * columns, may differ.
 */
export const schemaDrift = async (db: Db, entities: readonly AnyTable[]): Promise<string[]> => {
  const tables = new Map((await tablesOf(db)).map((table) => [table.name, table]));
  const entityNames = new Set(entities.map((entity) => entity.table));
  return [
    ...entities.flatMap((entity) => {
      const table = tables.get(entity.table);
      return table ? differences(declared(entity), table) : [`${entity.table}: declared, and not in the database`];
    }),
    ...[...tables.keys()]
      .filter((name) => !entityNames.has(name))
      .map((name) => `${name}: in the database, and not declared`),
  ];
};
