import { sql, type Queryable } from '@nefos/service-kit';

/** What the names and ids of a request were found to be; null: there is none. */
export interface FoundReferences {
  currency: string | null;
  configurationId: number | null;
  resellerId: number | null;
  groups: { id: number; name: string }[];
}
/**
 * Finds what a client refers to, in one statement. A currency or configuration that is null is the default one.
 * @param names.groups names or ids
 */
export const findReferences = async (
  q: Queryable,
  names: { currency: string | null; configuration: string | null; groups: readonly string[]; reseller: number | null },
): Promise<FoundReferences> =>
  (
    await sql<FoundReferences>(
      q,
      `select
        (select code from currency where case when $1::text is null then is_default else code = $1 end) currency,
        (select id from configuration where case when $2::text is null then is_default else name = $2 end)
          "configurationId",
        (select id from client where id = $4::bigint) "resellerId",
        coalesce((select json_agg(json_build_object('id', id, 'name', name)) from client_group
          where name = any($3) or id::text = any($3)), '[]') groups`,
      [names.currency, names.configuration, names.groups, names.reseller],
    )
  )[0] as FoundReferences;
