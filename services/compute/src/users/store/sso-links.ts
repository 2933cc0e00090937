import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { unlessUserGone } from '../../access/gone-user.js';

export const insertLink = async (
  tx: Tx,
  l: { hash: Buffer; userId: number; seconds: number; madeWith: string; expiresAt: Date },
): Promise<void> => {
  await run(
    tx,
    'insert into sso_link (hash, user_id, made_at_seconds, made_with, expires_at) values ($1, $2, $3, $4, $5)',
    [l.hash, l.userId, l.seconds, l.madeWith, l.expiresAt],
  ).catch(unlessUserGone());
};
/** Takes a link away: of many at once one gets it. What it says of user and time must be so. */
export const takeLink = async (
  tx: Tx,
  { hash, euid, seconds, now }: { hash: Buffer; euid: string; seconds: number; now: Date },
): Promise<{ user_id: number; made_with: string } | undefined> =>
  (
    await sql<{ user_id: number; made_with: string }>(
      tx,
      `delete from sso_link l using portal_user u where l.hash = $1 and l.made_at_seconds = $3 and l.expires_at > $4
      and u.id = l.user_id and u.external_billing_id = $2 returning l.user_id, l.made_with`,
      [hash, euid, seconds, now],
    )
  )[0];
export const deleteExpiredLinks = (q: Queryable, now: Date): Promise<number> =>
  run(q, 'delete from sso_link where hash in (select hash from sso_link where expires_at < $1 limit 5000)', [now]);
