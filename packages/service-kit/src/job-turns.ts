import type pg from 'pg';
import { markDatabaseError } from './fault.js';
import { LOCKS } from './registry.js';
import { together } from './together.js';

/**
 * Work that one job does at a time, whichever process runs it. Each key that is worked on is a session lock of the
 * worker's own connection, which PostgreSQL frees when the process dies. graphile-worker's queues are no substitute:
 * each question for a job locks the rows of all of them. A turn is no fence: what is under way when the connection
 * breaks may overlap with the next one's work (docs/adr/0003-job-queue.md).
 */
export interface Turns {
  /**
   * @param work gets the signal of its turn: aborted when the turn may be another's, since the connection was lost. Its
   * reason is an error of the database, so a job that throws it is tried again when the connection is back
   * @returns whether the key was free; if so `work` is done
   */
  alone: (key: string, work: (turn: AbortSignal) => Promise<void>) => Promise<boolean>;
  /** The connection was lost: whoever works has lost its turn. */
  lost: () => void;
  /** The locks of those who still work are taken again, so that nobody joins them. */
  reopened: (client: pg.Client) => Promise<void>;
}
/** After this time a job that had no turn asks again. */
export const TURN_MS = 250;
const LOCK =
  'select pg_try_advisory_lock($1, hashtext(key)) got from unnest($2::text[]) with ordinality u(key, at) order by at';
const UNLOCK = 'select pg_advisory_unlock($1, hashtext(key)) from unnest($2::text[]) key';

const terminated = (): Error => markDatabaseError(new Error('Connection terminated'));

/** @param reset closes the connection and makes another */
export const makeTurns = (reset: (err: Error) => void): Turns => {
  /** Keys that this process works on: the same session would get a lock twice. */
  const held = new Map<string, { turn: AbortController; locked: boolean }>();
  let session: pg.Client | undefined;
  const ask = async <R extends pg.QueryResultRow>(text: string, keys: readonly string[]): Promise<R[]> => {
    const asked = session;
    if (!asked) throw terminated();
    try {
      return (await asked.query<R>(text, [LOCKS.jobTurns, keys])).rows;
    } catch (err) {
      // A lock that nobody waits for any more may be granted later; it ends with its session.
      if (session === asked) reset(err as Error);
      throw markDatabaseError(err);
    }
  };
  const lock = together(async (keys: readonly string[]) =>
    (await ask<{ got: boolean }>(LOCK, keys)).map(({ got }) => got),
  );
  const unlock = together((keys: readonly string[]) => ask(UNLOCK, keys));
  const lose = (): void => {
    for (const one of held.values()) if (one.locked) one.turn.abort(terminated());
  };
  return {
    alone: async (key, work) => {
      if (held.has(key)) return false;
      const one = { turn: new AbortController(), locked: false };
      held.set(key, one);
      try {
        if (!(await lock(key))) return false;
        one.locked = true;
        try {
          await work(one.turn.signal);
        } finally {
          // A connection that broke has freed it.
          if (one.locked) await unlock(key).catch(() => undefined);
        }
        return true;
      } finally {
        held.delete(key);
      }
    },
    lost: () => {
      session = undefined;
      lose();
    },
    reopened: async (fresh) => {
      lose();
      const still = [...held].filter(([, { locked }]) => locked);
      // From here on its statements go one after the other: who ends meanwhile unlocks behind this lock.
      session = fresh;
      if (!still.length) return;
      const { rows } = await fresh.query<{ got: boolean }>(LOCK, [LOCKS.jobTurns, still.map(([key]) => key)]);
      // What another session has taken meanwhile is not ours to free.
      still.forEach(([, one], i) => (one.locked = rows[i]?.got === true));
    },
  };
};
