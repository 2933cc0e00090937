import { sql, type Tx } from '@nefos/service-kit';

/** Where an instance is, and on which networks. */
export interface Placed {
  projectId: string;
  regionId: string;
  networks: string[];
  /** Networks of it that are there no more. */
  gone: string[];
  ports: number;
}
/** The row of the instance is locked. SQL: the table is a later area's. */
export const findPlaced = async (tx: Tx, instanceId: string): Promise<Placed | undefined> => {
  // In a statement of its own: the next one sees what others have written before.
  await sql(tx, 'select from instance where id = $1 for update', [instanceId]);
  const [placed] = await sql<Placed>(
    tx,
    `select i.project_id "projectId", i.region_id "regionId",
      array(select n.id from unnest(i.networks) with ordinality w(id, nth) join network n on n.id = w.id
        order by w.nth) networks,
      array(select w.id from unnest(i.networks) w(id)
        where not exists (select from network n where n.id = w.id)) gone,
      (select count(*)::int from port p where p.instance_id = i.id) ports
    from instance i where i.id = $1`,
    [instanceId],
  );
  return placed;
};
/** Networks of the region that the project may use, by these names; of two its own. SQL: an earlier area's table. */
export const findNetworksNamed = async (
  tx: Tx,
  names: readonly string[],
  { projectId, regionId }: { projectId: string; regionId: string },
): Promise<Map<string, string>> =>
  new Map(
    (
      await sql<{ id: string; name: string }>(
        tx,
        `select id, name from network where region_id = $3 and name = any($1::text[])
          and (shared or project_id = $2) order by project_id is not null, id for key share`,
        [names, projectId, regionId],
      )
    ).map(({ id, name }) => [name, id]),
  );
