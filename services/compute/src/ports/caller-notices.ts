import { CHANNELS, listenTo, type Log, type Metrics } from '@nefos/service-kit';

/**
 * Listens for changes of portal users, made in any process. While the connection is down no change arrives: then the
 * cache is stale for the few seconds that its entries live.
 */
export const listenForCallers = (
  url: string,
  changed: (uuid: string) => void,
  { log, metrics }: { log: Log; metrics?: Metrics | undefined },
): Promise<{ stop(): Promise<void> }> =>
  listenTo({
    url,
    channel: CHANNELS.computeCaller,
    name: 'compute-notices',
    log,
    metrics,
    onNotification: (uuid) => {
      if (uuid) changed(uuid);
    },
  });
