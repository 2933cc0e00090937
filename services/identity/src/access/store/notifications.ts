import { CHANNELS, listenTo, sql, type Log, type Metrics, type Tx } from '@nefos/service-kit';

/**
 * Names cache entries that are out of date. PostgreSQL delivers this to every process if and only if the transaction
 * commits.
 */
export const notifyInvalidated = async (tx: Tx, keys: readonly string[]): Promise<void> => {
  const statement = 'select pg_notify($1, key) from unnest($2::text[]) key';
  if (keys.length) await sql(tx, statement, [CHANNELS.identityStale, keys]);
};

/**
 * Calls `onInvalidated` for what other processes changed, and `onGap` after every (re)connection, when notifications
 * may have been missed. A lost connection is made again; meanwhile no cache entry is older than the few seconds it
 * lives anyway.
 */
export const listenForInvalidations = ({
  onInvalidated,
  ...options
}: {
  url: string;
  log: Log;
  metrics?: Metrics;
  onInvalidated: (key: string) => void;
  onGap: () => void;
}): Promise<{ stop: () => Promise<void> }> =>
  listenTo({ ...options, onNotification: onInvalidated, channel: CHANNELS.identityStale, name: 'identity-listen' });
