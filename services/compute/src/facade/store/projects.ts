import { prepared, type Queryable } from '@nefos/service-kit';

/** The client whose project it is. SQL, prepared: it runs for requests whose project is not remembered. */
export const findClientOfProject = async (q: Queryable, projectId: string): Promise<number | undefined> =>
  (
    await prepared<{ clientId: number }>(
      q,
      `select s.client_id "clientId" from project p join service s on s.id = p.service_id where p.id = $1`,
      [projectId],
    )
  )[0]?.clientId;
