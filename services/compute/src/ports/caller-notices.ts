import type { Log } from '@nefos/service-kit';
import pg from 'pg';

const CHANNEL = 'nefos_compute_caller';

/** Hears which portal users changed, in any process. While the line is down nothing is heard; the cache's own few seconds bound that. */
export const listenForCallers = async (url: string, changed: (uuid: string) => void, log: Log): Promise<{ stop(): Promise<void> }> => {
  let client: pg.Client | undefined;
  let again: NodeJS.Timeout | undefined;
  let stopped = false;
  const connect = async (): Promise<void> => {
    const fresh = new pg.Client({ connectionString: url, keepAlive: true, application_name: 'nefos-compute-notices' });
    const lost = (): void => {
      if (client === fresh) {
        client = undefined;
        if (!stopped)
          again = setTimeout(() => {
            connect().catch(retry);
          }, 500);
      }
    };
    fresh.on('error', (err) => {
      log.warn({ err }, 'notices of changed users are not heard');
      lost();
    });
    fresh.on('end', lost);
    fresh.on('notification', ({ payload }) => {
      if (payload) changed(payload);
    });
    await fresh.connect();
    await fresh.query(`listen ${CHANNEL}`);
    client = fresh;
  };
  const retry = (): void => {
    if (!stopped)
      again = setTimeout(() => {
        connect().catch(retry);
      }, 1000);
  };
  await connect();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(again);
      await client?.end().catch(() => undefined);
    },
  };
};
