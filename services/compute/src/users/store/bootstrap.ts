import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

/** Whether the data of this name was loaded once in the life of this database. */
export const isLoaded = async (q: Queryable, name: string): Promise<boolean> =>
  (await sql(q, 'select 1 from fixture where name = $1', [name])).length > 0;
/** @returns false when it was loaded before */
export const markLoaded = async (q: Queryable, name: string): Promise<boolean> =>
  (await run(q, 'insert into fixture (name) values ($1) on conflict do nothing', [name])) === 1;

export interface BootstrapUser {
  uuid: string;
  username: string;
  email: string;
  first_name: string;
  last_name: string;
  is_staff: boolean;
  clients: readonly number[];
}
/**
 * Makes the user once in the life of a database: who was deleted since does not come back with the next start. The staff whom the operator
 * names are superusers (contract compute §2.1). @returns clients that have a new user
 */
export const insertBootstrapUser = async (tx: Tx, u: BootstrapUser): Promise<number[]> => {
  if (!(await markLoaded(tx, `bootstrap:user:${u.uuid}`))) return [];
  const [made] = await sql<{ id: number }>(
    tx,
    'insert into portal_user (uuid, username, email, first_name, last_name, is_staff, is_superuser) values ($1, $2, $3, $4, $5, $6, $6) on conflict do nothing returning id',
    [u.uuid, u.username, u.email, u.first_name, u.last_name, u.is_staff],
  );
  return made
    ? (
        await sql<{ client_id: number }>(
          tx,
          'insert into client_user (client_id, user_id, is_owner) select id, $1, true from client where id = any($2) order by array_position($2, id) returning client_id',
          [made.id, u.clients],
        )
      ).map((row) => row.client_id)
    : [];
};
