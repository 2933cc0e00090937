import { sql, type Queryable } from '@nefos/service-kit';

/** SQL: the table is an earlier area's. */
export const listVolumeRegions = async (q: Queryable): Promise<string[]> =>
  (await sql<{ id: string }>(q, 'select id from region where enabled and enable_volumes order by id limit 1000')).map(
    ({ id }) => id,
  );
/** SQL: as above. */
export const listRegionsOfType = async (q: Queryable, type: string): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      'select distinct region_id id from volume_type where name = $1 or id::text = $1 order by 1 limit 1000',
      [type],
    )
  ).map(({ id }) => id);
