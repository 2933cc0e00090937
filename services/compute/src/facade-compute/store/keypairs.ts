import { sql, type Queryable } from '@nefos/service-kit';

export interface KeypairRow {
  id: string;
  name: string;
  publicKey: string;
  fingerprint: string;
  createdAt: string;
  userUuid: string;
}
const SELECT = `select k.id, k.name, k.public_key "publicKey", k.fingerprint, k.created_at "createdAt",
  u.uuid "userUuid" from ssh_key k join portal_user u on u.id = k.user_id`;
/** Key pairs of a user by name. A user has at most a hundred. SQL: a join. */
export const listKeypairs = (
  q: Queryable,
  userUuid: string,
  { limit, after }: { limit: number; after: string | null },
): Promise<KeypairRow[]> =>
  sql<KeypairRow>(q, `${SELECT} where u.uuid = $1 and ($3::text is null or k.name > $3) order by k.name limit $2`, [
    userUuid,
    limit,
    after,
  ]);
/** SQL: a join. */
export const findKeypair = async (q: Queryable, userUuid: string, name: string): Promise<KeypairRow | undefined> =>
  (await sql<KeypairRow>(q, `${SELECT} where u.uuid = $1 and k.name = $2`, [userUuid, name]))[0];
