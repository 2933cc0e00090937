import type pg from 'pg';
import { keepConnected } from './kept-connection.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { makeTurns, type Turns } from './job-turns.js';
import { LOCKS } from './registry.js';

export interface Lease {
  /** Takes the lock of a worker pool. */
  hold(id: string): void;
  /** Gives it back: the pool's jobs are free for others. */
  drop(id: string): void;
  has(id: string): boolean;
  /** Resolves when the locks of all pools of this process are held. */
  held(): Promise<void>;
  /** Since when one is missing, in milliseconds since 1970; undefined while all are held. */
  missingSince(): number | undefined;
  /** Work that one job at a time does. */
  alone: Turns['alone'];
  stop(): Promise<void>;
}

/**
 * graphile-worker keeps the jobs of a dead worker locked for four hours. So each worker pool holds a session lock of
 * its id, which PostgreSQL frees when the process dies: jobs of a pool without its lock are freed. While a lock is
 * missing no job of this process begins.
 */
export const takeLease = async ({
  url,
  log,
  metrics,
}: {
  url: string;
  log: Log;
  metrics?: Metrics | undefined;
}): Promise<Lease> => {
  const wanted = new Set<string>();
  const locked = new Set<string>();
  let missingSince: number | undefined;
  let resolveHeld = (): void => undefined;
  let held = Promise.resolve();
  const markMissing = (): void => {
    if (missingSince !== undefined) return;
    missingSince = Date.now();
    held = new Promise((resolve) => {
      resolveHeld = resolve;
    });
  };
  const checkHeld = (): void => {
    if (missingSince === undefined || ![...wanted].every((id) => locked.has(id))) return;
    missingSince = undefined;
    resolveHeld();
  };
  const lock = async (client: pg.Client, id: string): Promise<void> => {
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) got', [
      LOCKS.jobWorkers,
      id,
    ]);
    // The server has not noticed yet that the former session ended.
    if (!rows[0]?.got) throw new Error('another session still holds the lease');
    locked.add(id);
  };
  markMissing();
  const turns = makeTurns((err) => connection.reset(err));
  const connection = await keepConnected({
    url,
    name: 'job-lease',
    log,
    metrics,
    onOpen: async (client) => {
      locked.clear();
      for (const id of [...wanted]) await lock(client, id);
      await turns.reopened(client);
      checkHeld();
    },
    onLost: () => {
      locked.clear();
      turns.lost();
      markMissing();
    },
  });
  return {
    hold: (id) => {
      wanted.add(id);
      markMissing();
      const client = connection.client();
      if (client) lock(client, id).then(checkHeld, (err: unknown) => connection.reset(err as Error));
    },
    drop: (id) => {
      wanted.delete(id);
      if (locked.delete(id))
        connection
          .client()
          ?.query('select pg_advisory_unlock($1, hashtext($2))', [LOCKS.jobWorkers, id])
          .catch((err: unknown) => connection.reset(err as Error));
      checkHeld();
    },
    has: (id) => wanted.has(id),
    held: () => held,
    missingSince: () => missingSince,
    alone: turns.alone,
    stop: () => connection.stop(),
  };
};
