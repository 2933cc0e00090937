import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

export interface StateRow {
  id: number;
  uuid: string;
  is_active: boolean;
  activated: boolean;
  deleted: boolean;
  sequence: number;
  /** The number of the next change. It rises also when this database was put back to an older state. */ next: number;
  told: boolean;
}
const NEXT = 'greatest(state_sequence + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint)';
export const findState = async (q: Queryable, id: number): Promise<StateRow | undefined> =>
  (
    await sql<StateRow>(
      q,
      `select id, uuid, is_active, ${NEXT}::float8 "next", activated, deleted_at is not null deleted, state_sequence::float8 "sequence", told_sequence >= state_sequence told
      from portal_user where id = $1`,
      [id],
    )
  )[0];
/** Notes that `is_active` was changed here. */
export const markChanged = (tx: Tx, id: number): Promise<number> =>
  run(tx, `update portal_user set state_sequence = ${NEXT} where id = $1`, [id]);
/** Notes a change of `is_active` that identity has agreed to by this number. @returns 0 when it has to hear of it again: there was a newer one */
export const markAgreed = (tx: Tx, id: number, sequence: number, at: string | null): Promise<number> =>
  run(
    tx,
    `update portal_user set state_sequence = $2::bigint, told_sequence = $2::bigint, state_at = coalesce($3::timestamptz, state_at)
    where id = $1 and state_sequence < $2::bigint`,
    [id, sequence, at],
  );
/** Identity agreed to a change that was not made here after all: it has to hear what is. @returns 0 when there was a newer change */
export const keepFormer = (tx: Tx, { id, is_active, next }: StateRow): Promise<number> =>
  run(
    tx,
    `update portal_user set is_active = $2, state_sequence = greatest(${NEXT}, $3::bigint + 1) where id = $1 and state_sequence < $3::bigint`,
    [id, is_active, next],
  );
/** @param at when it became so at identity; null: identity had nothing to do */
export const markTold = (q: Queryable, id: number, sequence: number, at: string | null): Promise<number> =>
  run(
    q,
    'update portal_user set told_sequence = greatest(told_sequence, $2::bigint), state_at = coalesce($3::timestamptz, state_at) where id = $1',
    [id, sequence, at],
  );
/** Takes a change of `is_active` back, unless there is a newer one. */
export const takeBack = (tx: Tx, id: number, sequence: number): Promise<number> =>
  run(
    tx,
    'update portal_user set is_active = not is_active, told_sequence = state_sequence where id = $1 and state_sequence = $2::bigint',
    [id, sequence],
  );
export const listUntoldStates = async (q: Queryable, limit: number): Promise<number[]> =>
  (
    await sql<{ id: number }>(
      q,
      'select id from portal_user where state_sequence > told_sequence and deleted_at is null order by id limit $1',
      [limit],
    )
  ).map((row) => row.id);
/** Sessions of users who are inactive are over for good, in every process at once: active again, the user signs in anew. */
export const endSessionsOfInactive = (tx: Tx, uuids: readonly string[]): Promise<number> =>
  run(
    tx,
    'delete from portal_session where user_id in (select id from portal_user where uuid = any($1::uuid[]) and not is_active)',
    [uuids],
  );
/** Takes over what identity says, except of users of whom identity has something to hear, and nothing older than what is known. @returns whom it changed */
export const applyStates = async (
  tx: Tx,
  states: readonly { uuid: string; is_active: boolean; changed_at: string }[],
): Promise<string[]> =>
  (
    await sql<{ uuid: string }>(
      tx,
      `update portal_user u set is_active = s.active, state_at = s.at
      from unnest($1::uuid[], $2::boolean[], $3::timestamptz[]) s (uuid, active, at)
      where u.uuid = s.uuid and u.is_active <> s.active and u.activated and u.deleted_at is null
        and u.told_sequence >= u.state_sequence and (u.state_at is null or u.state_at <= s.at) returning u.uuid`,
      [states.map((one) => one.uuid), states.map((one) => one.is_active), states.map((one) => one.changed_at)],
    )
  ).map((row) => row.uuid);
