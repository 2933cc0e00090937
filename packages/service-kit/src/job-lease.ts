import type pg from 'pg';
import { keepConnected } from './kept-connection.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import { LOCKS } from './registry.js';

export interface Lease {
  /** Adds a worker pool. */ hold(id: string): void;
  /** Its jobs are nobody's now. */ drop(id: string): void;
  has(id: string): boolean;
  /** Resolves when every pool of this process is held. */ held(): Promise<void>;
  /** Since when it is not, in milliseconds since 1970; undefined while it is. */ missingSince(): number | undefined;
  stop(): Promise<void>;
}

/**
 * The library keeps a dead worker's jobs locked for four hours. So each worker pool's id is tied to a session lock, which PostgreSQL
 * frees the moment the process dies. Without its lock a pool's jobs look free to others: no job begins until the lock is back.
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
  let since: number | undefined;
  let open = (): void => undefined;
  let gate = Promise.resolve();
  const close = (): void => {
    if (since !== undefined) return;
    since = Date.now();
    gate = new Promise((resolve) => {
      open = resolve;
    });
  };
  const settle = (): void => {
    if (since === undefined || ![...wanted].every((id) => locked.has(id))) return;
    since = undefined;
    open();
  };
  const lock = async (client: pg.Client, id: string): Promise<void> => {
    const { rows } = await client.query<{ got: boolean }>('select pg_try_advisory_lock($1, hashtext($2)) got', [
      LOCKS.jobWorkers,
      id,
    ]);
    // The session that held it is not over yet, at the server's end.
    if (!rows[0]?.got) throw new Error('another session still holds the lease');
    locked.add(id);
  };
  close();
  const line = await keepConnected({
    url,
    name: 'job-lease',
    log,
    metrics,
    opened: async (client) => {
      locked.clear();
      for (const id of [...wanted]) await lock(client, id);
      settle();
    },
    lost: () => {
      locked.clear();
      close();
    },
  });
  return {
    hold: (id) => {
      wanted.add(id);
      close();
      const client = line.client();
      if (client) lock(client, id).then(settle, (err: unknown) => line.reset(err as Error));
    },
    drop: (id) => {
      wanted.delete(id);
      if (locked.delete(id))
        line
          .client()
          ?.query('select pg_advisory_unlock($1, hashtext($2))', [LOCKS.jobWorkers, id])
          .catch((err: unknown) => line.reset(err as Error));
      settle();
    },
    has: (id) => wanted.has(id),
    held: () => gate,
    missingSince: () => since,
    stop: () => line.stop(),
  };
};
