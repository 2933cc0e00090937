import { sql, type Db } from '@nefos/service-kit';

/**
 * Count and checksum of every table of a service, its waiting jobs included.
 * @param except tables that every request may change, such as counters of failures
 */
export const checksums = async (db: Db, except: readonly string[] = []): Promise<Record<string, string>> => {
  const tables = await sql<{ name: string }>(
    db,
    `select format('%I.%I', schemaname, tablename) "name" from pg_tables
     where (schemaname = 'public' or tablename = '_private_jobs') and tablename <> all($1)`,
    [except],
  );
  const one = ({ name }: { name: string }): string =>
    `select '${name}' "name",
      count(*) || ' ' || coalesce(md5(string_agg(t::text, '|' order by t::text)), '') "sum" from ${name} t`;
  const sums = await sql<{ name: string; sum: string }>(db, tables.map(one).join(' union all '));
  return Object.fromEntries(sums.map(({ name, sum }) => [name, sum]));
};
