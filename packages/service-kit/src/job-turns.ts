import type pg from 'pg';
import { markDatabaseError } from './fault.js';
import { LOCKS } from './registry.js';
import { together } from './together.js';

/**
 * Work that one job does at a time, whichever process runs it. Each key that is worked on is a session lock of the
 * worker's own connection, which PostgreSQL frees when the process dies. graphile-worker's queues are no substitute:
 * each question for a job locks the rows of all of them.
 */
export interface Turns {
  /** @returns whether the key was free; if so `work` is done */
  alone: (key: string, work: () => Promise<void>) => Promise<boolean>;
  /** The locks are taken again after the connection was lost. */
  reopened: (client: pg.Client) => Promise<void>;
}
const LOCK =
  'select pg_try_advisory_lock($1, hashtext(key)) got from unnest($2::text[]) with ordinality u(key, at) order by at';
const UNLOCK = 'select pg_advisory_unlock($1, hashtext(key)) from unnest($2::text[]) key';

/** @param client the worker's connection; undefined while there is none */
export const makeTurns = (client: () => pg.Client | undefined): Turns => {
  /** Keys that this process works on: the same session would get a lock twice. */
  const held = new Set<string>();
  const ask = async <R extends pg.QueryResultRow>(text: string, keys: readonly string[]): Promise<R[]> => {
    const connection = client();
    if (!connection) throw markDatabaseError(new Error('Connection terminated'));
    try {
      return (await connection.query<R>(text, [LOCKS.jobTurns, keys])).rows;
    } catch (err) {
      throw markDatabaseError(err);
    }
  };
  const lock = together(async (keys: readonly string[]) =>
    (await ask<{ got: boolean }>(LOCK, keys)).map(({ got }) => got),
  );
  const unlock = together((keys: readonly string[]) => ask(UNLOCK, keys));
  return {
    alone: async (key, work) => {
      if (held.has(key)) return false;
      held.add(key);
      try {
        if (!(await lock(key))) return false;
        try {
          await work();
        } finally {
          // A connection that broke has freed it.
          await unlock(key).catch(() => undefined);
        }
        return true;
      } finally {
        held.delete(key);
      }
    },
    reopened: async (fresh) => {
      if (held.size) await fresh.query(LOCK, [LOCKS.jobTurns, [...held]]);
    },
  };
};
