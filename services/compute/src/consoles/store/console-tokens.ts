import {
  boolean,
  bytea,
  em,
  instant,
  integer,
  nullable,
  run,
  sql,
  table,
  text,
  uuid,
  withDefault,
  type NewRow,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import { unlessUserGone } from '../../access/gone-user.js';

export type ConsoleType = 'vnc' | 'serial';
/** Tokens of consoles: each opens the console of one instance for one user, until it expires. */
export const consoleTokens = table(
  'console_token',
  {
    hash: bytea(),
    instanceId: uuid(),
    userId: integer(),
    type: text<ConsoleType>(),
    /** The token or session with which the console was asked for, by its public name. */
    auditId: nullable(text()),
    /** Whether that is a session. */
    bySession: boolean(),
    /** When that expires; null: never. */
    credentialExpiresAt: nullable(instant()),
    createdAt: withDefault(instant()),
    expiresAt: instant(),
  },
  { primary: ['hash'] },
);
type ConsoleToken = Row<typeof consoleTokens>;

/**
 * Keeps the token, and of the user's tokens for the instance only the newest `keep`, so that asking again and again
 * fills no table.
 * @throws Fault unauthenticated: the user is deleted
 */
export const insertToken = async (tx: Tx, token: NewRow<typeof consoleTokens>, keep: number): Promise<void> => {
  // SQL: chosen by their order.
  await run(
    tx,
    `delete from console_token where hash in (
      select hash from console_token where user_id = $1 and instance_id = $2 order by created_at desc, hash offset $3)`,
    [token.userId, token.instanceId, keep - 1],
  );
  await em(tx).insert(consoleTokens, token).catch(unlessUserGone());
};
export interface FoundToken extends Omit<ConsoleToken, 'hash' | 'createdAt'> {
  /** The user at identity. */
  uuid: string;
}
/** A token that has not expired. */
export const findToken = async (q: Queryable, hash: Buffer, now: Date): Promise<FoundToken | undefined> =>
  (
    await sql<FoundToken>(
      q,
      `select t.instance_id "instanceId", t.user_id "userId", t.type, t.audit_id "auditId", t.by_session "bySession",
        t.credential_expires_at "credentialExpiresAt", t.expires_at "expiresAt", u.uuid
      from console_token t join portal_user u on u.id = t.user_id where t.hash = $1 and t.expires_at > $2`,
      [hash, now],
    )
  )[0];
/** @returns how many were deleted: at most one portion */
export const deleteExpiredTokens = (q: Queryable, now: Date): Promise<number> =>
  run(q, 'delete from console_token where hash in (select hash from console_token where expires_at < $1 limit 5000)', [
    now,
  ]);
