import { sql, type Queryable } from '@nefos/service-kit';

/** Tokens that are good by themselves: neither revoked nor expired, by kind. */
export const countTokens = async (q: Queryable): Promise<[string, number][]> =>
  (
    await sql<{ kind: string; count: number }>(
      q,
      'select kind, count(*)::int count from token where revoked_at is null and (expires_at is null or expires_at > now()) group by 1',
    )
  ).map((row) => [row.kind, row.count]);
/** Users, by whether they may sign in. */
export const countUsers = async (q: Queryable): Promise<[string, number][]> =>
  (
    await sql<{ state: string; count: number }>(
      q,
      "select case when is_active then 'active' else 'inactive' end state, count(*)::int count from account group by 1",
    )
  ).map((row) => [row.state, row.count]);
