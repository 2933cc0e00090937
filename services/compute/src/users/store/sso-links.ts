import {
  bytea,
  em,
  instant,
  integer,
  run,
  safeInteger,
  sql,
  table,
  text,
  type NewRow,
  type Queryable,
  type Tx,
} from '@nefos/service-kit';
import { unlessUserGone } from '../../access/gone-user.js';

/** Links that sign an end user in, once. */
export const ssoLinks = table(
  'sso_link',
  {
    /** Hash of the link's MAC. */
    hash: bytea(),
    userId: integer(),
    /** The time that the link names, in seconds since 1970. */
    madeAtSeconds: safeInteger(),
    /** The token or session at identity with which staff made the link, by its public name. */
    madeWith: text(),
    expiresAt: instant(),
  },
  { primary: ['hash'] },
);

/** @throws Fault unauthenticated: the user is deleted */
export const insertLink = async (tx: Tx, link: NewRow<typeof ssoLinks>): Promise<void> => {
  await em(tx).insert(ssoLinks, link).catch(unlessUserGone());
};
/**
 * Deletes the link and returns it: of concurrent requests one gets it. The user and time that the request names must be
 * the link's.
 */
export const takeLink = async (
  tx: Tx,
  { hash, euid, seconds, now }: { hash: Buffer; euid: string; seconds: number; now: Date },
): Promise<{ userId: number; madeWith: string } | undefined> =>
  (
    await sql<{ userId: number; madeWith: string }>(
      tx,
      `delete from sso_link l using portal_user u
      where l.hash = $1 and l.made_at_seconds = $3 and l.expires_at > $4
        and u.id = l.user_id and u.external_billing_id = $2
      returning l.user_id "userId", l.made_with "madeWith"`,
      [hash, euid, seconds, now],
    )
  )[0];
/** @returns how many were deleted: at most one portion */
export const deleteExpiredLinks = (q: Queryable, now: Date): Promise<number> =>
  run(q, 'delete from sso_link where hash in (select hash from sso_link where expires_at < $1 limit 5000)', [now]);
