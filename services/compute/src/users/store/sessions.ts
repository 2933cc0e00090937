import {
  bytea,
  columns,
  em,
  instant,
  integer,
  nullable,
  prepared,
  run,
  sql,
  table,
  text,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import { unlessUserGone } from '../../access/gone-user.js';
import { portalUsers } from '../../access/tables.js';

/** Sessions of browsers. */
export const portalSessions = table(
  'portal_session',
  {
    /** Hash of the cookie. */
    keyHash: bytea(),
    userId: integer(),
    csrfToken: text(),
    createdAt: withDefault(instant()),
    expiresAt: instant(),
    /** The session at identity that this one depends on, by its public name. */
    auditId: nullable(text()),
  },
  { primary: ['keyHash'] },
);
type PortalSession = Row<typeof portalSessions>;

/** @throws Fault unauthenticated: the user is deleted */
export const insertSession = async (
  tx: Tx,
  session: { hash: Buffer; userId: number; csrf: string; auditId: string; now: Date; expiresAt: Date },
): Promise<void> => {
  await em(tx)
    .insert(portalSessions, {
      keyHash: session.hash,
      userId: session.userId,
      csrfToken: session.csrf,
      auditId: session.auditId,
      createdAt: session.now.toISOString(),
      expiresAt: session.expiresAt.toISOString(),
    })
    .catch(unlessUserGone());
};
export interface FoundSession extends Pick<PortalSession, 'csrfToken'> {
  /** The user at identity. */
  uuid: string;
  auditId: string;
}
// SQL, prepared: it runs for every request of a browser.
const FIND = `
  select ${columns(portalUsers, 'u', ['uuid'])}, ${columns(portalSessions, 's', ['csrfToken', 'auditId'])}
  from portal_session s join portal_user u on u.id = s.user_id
  where s.key_hash = $1 and s.expires_at > $2 and s.audit_id is not null`;
export const findSession = async (q: Queryable, hash: Buffer, now: Date): Promise<FoundSession | undefined> =>
  (await prepared<FoundSession>(q, FIND, [hash, now]))[0];
/** @returns the public name of the session at identity; undefined: there was no such session here */
export const deleteSession = async (q: Queryable, hash: Buffer): Promise<string | null | undefined> =>
  (
    await sql<{ auditId: string | null }>(
      q,
      'delete from portal_session where key_hash = $1 returning audit_id "auditId"',
      [hash],
    )
  )[0]?.auditId;
/** @returns how many were deleted: at most one portion */
export const deleteExpiredSessions = (q: Queryable, now: Date): Promise<number> =>
  run(
    q,
    `delete from portal_session where key_hash in
      (select key_hash from portal_session where expires_at < $1 limit 5000)`,
    [now],
  );
