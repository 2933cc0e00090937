import { columns, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { portalUsers, type PortalUser } from '../../access/tables.js';

// SQL: every statement here computes a number or depends on what is stored.
//
// Each change of `is_active` has a number, by which identity orders the changes it is told of. `state_sequence` is that
// of the last change made here; `told_sequence` is the last one that identity knows of.

/** A user's state, and what identity knows of it. */
export interface UserStateRow extends Pick<PortalUser, 'id' | 'uuid' | 'isActive' | 'activated'> {
  deleted: boolean;
  /** The number of the last change. */
  sequence: number;
  /**
   * The number of the next change. It grows with time, so that it is new even after this database was restored from a
   * backup.
   */
  next: number;
  /** Whether identity knows of the last change. */
  known: boolean;
}
const NEXT = 'greatest(state_sequence + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint)';
export const findState = async (q: Queryable, id: number): Promise<UserStateRow | undefined> =>
  (
    await sql<UserStateRow>(
      q,
      `select ${columns(portalUsers, 'u', ['id', 'uuid', 'isActive', 'activated'])}, deleted_at is not null deleted,
        state_sequence::float8 "sequence", ${NEXT}::float8 "next", told_sequence >= state_sequence known
      from portal_user u where id = $1`,
      [id],
    )
  )[0];
/** Gives the change of `is_active` that was made here its number. */
export const markChanged = (tx: Tx, id: number): Promise<number> =>
  run(tx, `update portal_user set state_sequence = ${NEXT} where id = $1`, [id]);
/**
 * Notes a change of `is_active` to which identity agreed under this number.
 * @param at when identity changed it; null: identity had nothing to change
 * @returns 0 when there was a newer change: identity has to be told again
 */
export const markAgreed = (tx: Tx, id: number, sequence: number, at: string | null): Promise<number> =>
  run(
    tx,
    `update portal_user
    set state_sequence = $2::bigint, told_sequence = $2::bigint, state_at = coalesce($3::timestamptz, state_at)
    where id = $1 and state_sequence < $2::bigint`,
    [id, sequence, at],
  );
/**
 * Identity agreed to a change that was then not made here: gives the state as it was a newer number, by which identity
 * is told of it.
 * @param row as it was read before identity was asked
 * @returns 0 when there was a newer change
 */
export const restorePrevious = (tx: Tx, { id, isActive, next }: UserStateRow): Promise<number> =>
  run(
    tx,
    `update portal_user set is_active = $2, state_sequence = greatest(${NEXT}, $3::bigint + 1)
    where id = $1 and state_sequence < $3::bigint`,
    [id, isActive, next],
  );
/**
 * Notes that identity knows of the change with this number.
 * @param at when identity changed it; null: identity had nothing to change
 */
export const markKnown = (q: Queryable, id: number, sequence: number, at: string | null): Promise<number> =>
  run(
    q,
    `update portal_user
    set told_sequence = greatest(told_sequence, $2::bigint), state_at = coalesce($3::timestamptz, state_at)
    where id = $1`,
    [id, sequence, at],
  );
/** Takes a change of `is_active` back, unless there is a newer one. */
export const revertChange = (tx: Tx, id: number, sequence: number): Promise<number> =>
  run(
    tx,
    `update portal_user set is_active = not is_active, told_sequence = state_sequence
    where id = $1 and state_sequence = $2::bigint`,
    [id, sequence],
  );
/** Ids of users of whose last change identity does not know. */
export const listUnknownStates = async (q: Queryable, limit: number): Promise<number[]> =>
  (
    await sql<{ id: number }>(
      q,
      `select id from portal_user where state_sequence > told_sequence and deleted_at is null order by id limit $1`,
      [limit],
    )
  ).map((row) => row.id);
/** Deletes the sessions of those users who are inactive. A user who becomes active again has to sign in anew. */
export const endSessionsOfInactive = (tx: Tx, uuids: readonly string[]): Promise<number> =>
  run(
    tx,
    `delete from portal_session where user_id in
      (select id from portal_user where uuid = any($1::uuid[]) and not is_active)`,
    [uuids],
  );
/**
 * Takes over states from identity, except of users of whose change identity does not know yet, and except states older
 * than the one here.
 * @returns identity's ids of the users that it changed
 */
export const applyStates = async (
  tx: Tx,
  states: readonly { uuid: string; isActive: boolean; changedAt: string }[],
): Promise<string[]> =>
  (
    await sql<{ uuid: string }>(
      tx,
      `update portal_user u set is_active = s.active, state_at = s.at
      from unnest($1::uuid[], $2::boolean[], $3::timestamptz[]) s (uuid, active, at)
      where u.uuid = s.uuid and u.is_active <> s.active and u.activated and u.deleted_at is null
        and u.told_sequence >= u.state_sequence and (u.state_at is null or u.state_at <= s.at) returning u.uuid`,
      [states.map((one) => one.uuid), states.map((one) => one.isActive), states.map((one) => one.changedAt)],
    )
  ).map((row) => row.uuid);
