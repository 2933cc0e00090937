import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { unlessUserGone } from '../../access/gone-user.js';
import type { PortalUser } from '../../access/tables.js';

/** Users of the client who are not deleted, at most 1000. */
export const listUsersOfClient = (
  q: Queryable,
  clientId: number,
): Promise<Pick<PortalUser, 'id' | 'username' | 'email' | 'uuid'>[]> =>
  sql(
    q,
    // SQL: a join of two areas' tables.
    `select u.id, u.username, u.email, u.uuid from client_user m join portal_user u on u.id = m.user_id
    where m.client_id = $1 and u.deleted_at is null order by u.id limit 1000`,
    [clientId],
  );
/**
 * Makes the user one of the client; a user who is one already stays as is.
 * @throws Fault unauthenticated: the user is deleted
 */
export const linkUser = async (tx: Tx, clientId: number, userId: number, owner: boolean): Promise<void> => {
  await run(tx, 'insert into client_user (client_id, user_id, is_owner) values ($1, $2, $3) on conflict do nothing', [
    clientId,
    userId,
    owner,
  ]).catch(unlessUserGone());
};
