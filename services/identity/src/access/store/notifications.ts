import { listenTo, sql, type Log, type Metrics, type Tx } from '@nefos/service-kit';

const CHANNEL = 'nefos_identity';
/** Told to every process if and only if the transaction commits. */
export const notifyStale = async (tx: Tx, what: readonly string[]): Promise<void> => {
  if (what.length) await sql(tx, `select pg_notify('${CHANNEL}', w) from unnest($1::text[]) w`, [what]);
};

/**
 * Hears what other processes changed. `gap` is called whenever something may have been missed: after every (re)connection.
 * A lost connection is made anew; in the meantime nothing in memory is older than its few seconds anyway.
 */
export const listenStale = (options: {
  url: string;
  log: Log;
  metrics?: Metrics;
  heard: (what: string) => void;
  gap: () => void;
}): Promise<{ stop: () => Promise<void> }> =>
  listenTo({ ...options, onNotification: options.heard, onGap: options.gap, channel: CHANNEL, name: 'identity-listen' });
