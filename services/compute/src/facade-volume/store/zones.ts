import { sql, type Queryable } from '@nefos/service-kit';

/** SQL: the table is an earlier area's. */
export const listVolumeRegions = async (q: Queryable): Promise<string[]> =>
  (await sql<{ id: string }>(q, 'select id from region where enabled and enable_volumes order by id limit 1000')).map(
    ({ id }) => id,
  );
