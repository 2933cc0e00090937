import {
  boolean,
  instant,
  nullable,
  prepared,
  run,
  table,
  text,
  uuid,
  type Queryable,
  type Tx,
  withDefault,
} from '@nefos/service-kit';

/** Who speaks to which BMC now, and when the last one did. */
export const bmcTurns = table(
  'bmc_turn',
  { address: text(), holder: nullable(uuid()), until: nullable(instant()), lastCommandAt: nullable(instant()) },
  { primary: ['address'] },
);
/** When the next machine may be started; one row. */
export const rebootTurn = table(
  'reboot_turn',
  { one: withDefault(boolean()), nextAt: instant() },
  { primary: ['one'] },
);

/** SQL: conditional, by the clock of the database. @returns whether the turn is the holder's, for so long */
export const takeTurn = async (
  q: Queryable,
  address: string,
  holder: string,
  times: { leaseMs: number; pauseMs: number },
): Promise<boolean> =>
  (
    await prepared<object>(
      q,
      `insert into bmc_turn (address, holder, until) values ($1, $2, now() + make_interval(secs => $3))
      on conflict (address) do update set holder = excluded.holder, until = excluded.until
        where (bmc_turn.until is null or bmc_turn.until < now())
          and coalesce(bmc_turn.last_command_at < now() - make_interval(secs => $4), true)
      returning 1`,
      [address, holder, times.leaseMs / 1000, times.pauseMs / 1000],
    )
  ).length === 1;
/** @returns whether the turn is still the holder's */
export const renewTurn = async (q: Queryable, address: string, holder: string, leaseMs: number): Promise<boolean> =>
  (
    await prepared<object>(
      q,
      `update bmc_turn set until = now() + make_interval(secs => $3) where address = $1 and holder = $2 returning 1`,
      [address, holder, leaseMs / 1000],
    )
  ).length === 1;
export const giveTurn = async (q: Queryable, address: string, holder: string): Promise<void> => {
  await prepared(
    q,
    'update bmc_turn set holder = null, until = null, last_command_at = now() where address = $1 and holder = $2',
    [address, holder],
  );
};
/** SQL: a portion of those that nobody has had for an hour. */
export const deleteOldTurns = (q: Queryable): Promise<number> =>
  run(
    q,
    `delete from bmc_turn where address in (
      select address from bmc_turn where coalesce(until, last_command_at) < now() - interval '1 hour'
      limit 1000 for update skip locked)`,
  );
/** SQL: computed. @returns when the machine may be started */
export const reserveStart = async (tx: Tx, delaySeconds: number): Promise<string> => {
  const [row] = await prepared<{ at: string }>(
    tx,
    `update reboot_turn set next_at = greatest(next_at, now()) + make_interval(secs => $1)
    returning (next_at - make_interval(secs => $1))::text at`,
    [delaySeconds],
  );
  return row?.at ?? 'now';
};
