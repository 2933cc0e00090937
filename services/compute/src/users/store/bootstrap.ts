import { em, instant, run, sql, table, text, withDefault, type Queryable, type Tx } from '@nefos/service-kit';

/** Names of data that was loaded, once in the life of a database: what somebody deleted since is not loaded again. */
export const fixtures = table('fixture', { name: text(), loadedAt: withDefault(instant()) }, { primary: ['name'] });

export const isLoaded = (q: Queryable, name: string): Promise<boolean> => em(q).existsBy(fixtures, { name });
/** @returns false when it was loaded before */
export const markLoaded = async (q: Queryable, name: string): Promise<boolean> =>
  (await run(q, 'insert into fixture (name) values ($1) on conflict do nothing', [name])) === 1;

export interface BootstrapUser {
  uuid: string;
  username: string;
  email: string;
  firstName: string;
  lastName: string;
  isStaff: boolean;
  clients: readonly number[];
}
/**
 * Makes the user once in the life of a database: a user who was deleted since does not come back with the next start.
 * The staff of the bootstrap file are superusers (contract compute §2.1).
 * @returns ids of the clients that have a new user
 */
export const insertBootstrapUser = async (tx: Tx, user: BootstrapUser): Promise<number[]> => {
  if (!(await markLoaded(tx, `bootstrap:user:${user.uuid}`))) return [];
  const [made] = await sql<{ id: number }>(
    tx,
    `insert into portal_user (uuid, username, email, first_name, last_name, is_staff, is_superuser)
    values ($1, $2, $3, $4, $5, $6, $6) on conflict do nothing returning id`,
    [user.uuid, user.username, user.email, user.firstName, user.lastName, user.isStaff],
  );
  return made
    ? (
        await sql<{ clientId: number }>(
          tx,
          `insert into client_user (client_id, user_id, is_owner)
          select id, $1, true from client where id = any($2) order by array_position($2, id)
          returning client_id "clientId"`,
          [made.id, user.clients],
        )
      ).map((row) => row.clientId)
    : [];
};
