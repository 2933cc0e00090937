import { CHANNELS, listenTo, sql, type Log, type Metrics, type Tx } from '@nefos/service-kit';

/** Tells every process what to forget, if and only if the transaction commits. */
export const notifyStale = async (tx: Tx, what: readonly string[]): Promise<void> => {
  if (what.length) await sql(tx, 'select pg_notify($1, w) from unnest($2::text[]) w', [CHANNELS.identityStale, what]);
};

/**
 * Calls `onStale` with what another process changed, and `onGap` when notifications may have been missed: after every (re)connection. While
 * the connection is lost, what is kept in memory is a few seconds old at most anyway.
 */
export const listenStale = ({
  onStale,
  ...options
}: {
  url: string;
  log: Log;
  metrics?: Metrics;
  onStale: (what: string) => void;
  onGap: () => void;
}): Promise<{ stop: () => Promise<void> }> =>
  listenTo({ ...options, onNotification: onStale, channel: CHANNELS.identityStale, name: 'identity-listen' });
