import { sql, type Queryable } from '@nefos/service-kit';

/** Security groups with this id or name, of the instance's project and region. SQL: joins. */
export const findGroupsNamed = async (q: Queryable, instanceId: string, word: string): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      `select g.id from security_group g join instance i on i.project_id = g.project_id and i.region_id = g.region_id
      where i.id = $1 and (g.name = $2 or text(g.id) = $2) order by text(g.id) = $2 desc, g.id limit 2`,
      [instanceId, word],
    )
  ).map(({ id }) => id);
/** The floating IP with this address, of the instance's project and region. SQL: joins. */
export const findFloatingIpAt = async (
  q: Queryable,
  instanceId: string,
  address: string,
): Promise<string | undefined> =>
  (
    await sql<{ id: string }>(
      q,
      `select f.id from floating_ip f join instance i on i.project_id = f.project_id and i.region_id = f.region_id
      where i.id = $1 and host(f.address) = $2 order by f.id limit 1`,
      [instanceId, address],
    )
  )[0]?.id;
