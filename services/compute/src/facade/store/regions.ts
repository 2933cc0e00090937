import { sql, type Queryable } from '@nefos/service-kit';

/** Regions are this cloud's availability zones. */
export interface Zone {
  id: string;
  enabled: boolean;
}
export const listZones = (q: Queryable): Promise<Zone[]> =>
  sql<Zone>(q, 'select id, enabled from region order by id limit 1000');
/** The region of what names none: the first one that is enabled. @param volumes one that has volumes */
export const firstRegion = async (q: Queryable, volumes = false): Promise<string | undefined> =>
  (
    await sql<{ id: string }>(
      q,
      'select id from region where enabled and (enable_volumes or not $1) order by id limit 1',
      [volumes],
    )
  )[0]?.id;
