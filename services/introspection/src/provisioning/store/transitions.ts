import { prepared, run, type Queryable, type Tx } from '@nefos/service-kit';

export interface Move {
  from: readonly string[];
  to: string;
  /** What it is on the way to; null: it is there. */
  target: string | null;
  /** Absent: stays. */
  lastError?: string | null;
  /** Absent: stays. */
  powerState?: string | null;
}
/** Moves a node on, if it is in one of the states. SQL: conditional. @returns whether it was */
export const moveNode = async (
  tx: Tx,
  uuid: string,
  { from, to, target, lastError, powerState }: Move,
): Promise<boolean> =>
  (await run(
    tx,
    `update node set provision_state = $3, target_provision_state = $4, provision_updated_at = clock_timestamp(),
        last_error = case when $5 then $6 else last_error end,
        power_state = case when $7 then $8 else power_state end, updated_at = clock_timestamp()
      where uuid = $1 and provision_state = any($2::text[])`,
    [
      ...[uuid, from, to, target, lastError !== undefined, lastError ?? null],
      ...[powerState !== undefined, powerState ?? null],
    ],
  )) > 0;
/** Nodes that have been in a state for so long, in pages. SQL: the clock of the database. */
export const listStillNodes = async (
  q: Queryable,
  state: string,
  seconds: number,
  after: number,
): Promise<{ id: number; uuid: string }[]> =>
  prepared<{ id: number; uuid: string }>(
    q,
    `select id::float8 id, uuid from node where provision_state = $1 and id > $3
        and provision_updated_at < clock_timestamp() - $2 * interval '1 second' order by id limit 100`,
    [state, seconds, after],
  );
/** For how many seconds a node has been in its state; undefined: it is in another, or gone. SQL: its clock. */
export const secondsIn = async (q: Queryable, uuid: string, state: string): Promise<number | undefined> =>
  (
    await prepared<{ seconds: number }>(
      q,
      `select coalesce(extract(epoch from clock_timestamp() - provision_updated_at), 0)::float8 seconds
        from node where uuid = $1 and provision_state = $2`,
      [uuid, state],
    )
  )[0]?.seconds;
