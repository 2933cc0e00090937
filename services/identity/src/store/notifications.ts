import { sql, type Log, type Tx } from '@nefos/service-kit';
import pg from 'pg';

const CHANNEL = 'nefos_identity';
/** Told to every process if and only if the transaction commits. */
export const notifyStale = async (tx: Tx, what: readonly string[]): Promise<void> => {
  if (what.length) await sql(tx, `select pg_notify('${CHANNEL}', w) from unnest($1::text[]) w`, [what]);
};

/**
 * Hears what other processes changed. `gap` is called whenever something may have been missed: after every (re)connection.
 * A lost connection is made anew; in the meantime nothing in memory is older than its few seconds anyway.
 */
export const listenStale = async ({
  url,
  log,
  heard,
  gap,
}: {
  url: string;
  log: Log;
  heard: (what: string) => void;
  gap: () => void;
}): Promise<{ stop: () => Promise<void> }> => {
  let client: pg.Client | undefined;
  let stopped = false;
  let again: NodeJS.Timeout | undefined;
  const retry = (): void => {
    if (!stopped)
      again = setTimeout(() => {
        void open().catch(() => undefined);
      }, 500);
  };
  const open = async (): Promise<void> => {
    const fresh = new pg.Client({ connectionString: url, keepAlive: true, application_name: 'nefos-identity-listen', connectionTimeoutMillis: 5000 });
    let over = false;
    const lost = (err?: Error): void => {
      if (over) return;
      over = true;
      if (err) log.warn({ err }, 'revocations of other processes are not heard for a moment');
      fresh.end().catch(() => undefined);
      retry();
    };
    fresh.on('error', lost);
    fresh.on('end', () => lost());
    fresh.on('notification', ({ payload }) => heard(payload ?? ''));
    try {
      await fresh.connect();
      await fresh.query(`listen ${CHANNEL}`);
    } catch (err) {
      lost(err as Error);
      return;
    }
    client = fresh;
    gap();
  };
  await open();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(again);
      await client?.end().catch(() => undefined);
    },
  };
};
