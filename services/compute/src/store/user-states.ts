import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';

export interface StateRow {
  id: number;
  uuid: string;
  is_active: boolean;
  activated: boolean;
  deleted: boolean;
  sequence: number;
  told: boolean;
}
export const findState = async (q: Queryable, id: number): Promise<StateRow | undefined> =>
  (
    await sql<StateRow>(
      q,
      `select id, uuid, is_active, activated, deleted_at is not null deleted, state_sequence::float8 "sequence", told_sequence >= state_sequence told
      from portal_user where id = $1`,
      [id],
    )
  )[0];
/** Notes that `is_active` was changed here. The number rises also when this database was put back to an older state. */
export const markChanged = (tx: Tx, id: number): Promise<number> =>
  run(tx, 'update portal_user set state_sequence = greatest(state_sequence + 1, (extract(epoch from clock_timestamp()) * 1000)::bigint) where id = $1', [id]);
/** @param at when it became so at identity; null: identity had nothing to do */
export const markTold = (q: Queryable, id: number, sequence: number, at: string | null): Promise<number> =>
  run(q, 'update portal_user set told_sequence = greatest(told_sequence, $2::bigint), state_at = coalesce($3::timestamptz, state_at) where id = $1', [
    id,
    sequence,
    at,
  ]);
/** Takes a change of `is_active` back, unless there is a newer one. */
export const takeBack = (tx: Tx, id: number, sequence: number): Promise<number> =>
  run(tx, 'update portal_user set is_active = not is_active, told_sequence = state_sequence where id = $1 and state_sequence = $2::bigint', [id, sequence]);
export const listUntoldStates = async (q: Queryable, limit: number): Promise<number[]> =>
  (await sql<{ id: number }>(q, 'select id from portal_user where state_sequence > told_sequence and deleted_at is null order by id limit $1', [limit])).map(
    (row) => row.id,
  );
/** Takes over what identity says, except of users of whom identity has something to hear, and nothing older than what is known. @returns whom it changed */
export const applyStates = async (tx: Tx, states: readonly { uuid: string; is_active: boolean; changed_at: string }[]): Promise<string[]> =>
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
