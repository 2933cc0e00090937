import { sql, type Queryable } from '@nefos/service-kit';

/**
 * Whether an operation that goes on makes a volume of this thing, or fills one from it.
 * @param as what the operation's parameters call it. SQL: reads the parameters; few operations go on at a time.
 */
export const isSourceNow = async (
  q: Queryable,
  as: 'source_volume' | 'snapshot' | 'backup',
  id: string,
): Promise<boolean> =>
  (
    await sql(
      q,
      `select from operation where object_type = 'volume' and status in ('pending', 'running')
        and params ->> $1 = $2 limit 1`,
      [as, id],
    )
  ).length > 0;
