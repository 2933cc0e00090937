import { prepared, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { unlessUserGone } from '../../access/gone-user.js';

export const insertSession = async (
  tx: Tx,
  s: { hash: Buffer; userId: number; csrf: string; auditId: string; now: Date; expiresAt: Date },
): Promise<void> => {
  await run(
    tx,
    'insert into portal_session (key_hash, user_id, csrf_token, audit_id, created_at, expires_at) values ($1, $2, $3, $4, $5, $6)',
    [s.hash, s.userId, s.csrf, s.auditId, s.now, s.expiresAt],
  ).catch(unlessUserGone());
};
export interface SessionRow {
  uuid: string;
  csrf_token: string;
  /** Identity's session, by its public name. */
  audit_id: string;
}
export const findSession = async (q: Queryable, hash: Buffer, now: Date): Promise<SessionRow | undefined> =>
  (
    await prepared<SessionRow>(
      q,
      `select u.uuid, s.csrf_token, s.audit_id from portal_session s join portal_user u on u.id = s.user_id
      where s.key_hash = $1 and s.expires_at > $2 and s.audit_id is not null`,
      [hash, now],
    )
  )[0];
/** @returns identity's session that it hung on */
export const deleteSession = async (q: Queryable, hash: Buffer): Promise<string | null | undefined> =>
  (
    await sql<{ audit_id: string | null }>(q, 'delete from portal_session where key_hash = $1 returning audit_id', [
      hash,
    ])
  )[0]?.audit_id;
export const deleteExpiredSessions = (q: Queryable, now: Date): Promise<number> =>
  run(
    q,
    'delete from portal_session where key_hash in (select key_hash from portal_session where expires_at < $1 limit 5000)',
    [now],
  );
export const findNames = (q: Queryable, clientIds: readonly number[]) =>
  sql<{ id: number; name: string }>(
    q,
    `select id, first_name || ' ' || last_name "name" from client where id = any($1) order by array_position($1, id)`,
    [clientIds],
  );
