import { sql, type Queryable, type Tx } from '@nefos/service-kit';

// SQL: earlier areas' tables.

export const findAutoNetwork = async (q: Queryable, projectId: string, regionId: string): Promise<string | undefined> =>
  (
    await sql<{ id: string }>(q, 'select id from network where project_id = $1 and region_id = $2 and auto_created', [
      projectId,
      regionId,
    ])
  )[0]?.id;
/** The external network that a project's router leads to: the region's default one, else the first by name. */
export const findExternal = async (tx: Tx, projectId: string, regionId: string): Promise<string | undefined> =>
  (
    await sql<{ id: string }>(
      tx,
      `select id from network where region_id = $2 and router_external
        and (shared or project_id = $1 or (project_id is null and backend_id is not null))
      order by is_default desc, name, id limit 1 for key share`,
      [projectId, regionId],
    )
  )[0]?.id;
export const findProjectClient = async (q: Queryable, projectId: string): Promise<number | null> =>
  (
    await sql<{ clientId: number }>(
      q,
      'select s.client_id "clientId" from project j join service s on s.id = j.service_id where j.id = $1',
      [projectId],
    )
  )[0]?.clientId ?? null;
/** What is made for a project once is made by one request after the other. */
export const lockProjectRow = async (tx: Tx, projectId: string): Promise<void> => {
  await sql(tx, 'select from project where id = $1 for no key update', [projectId]);
};
