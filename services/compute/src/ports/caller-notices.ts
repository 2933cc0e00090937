import { CHANNELS, listenTo, type Log, type Metrics } from '@nefos/service-kit';

/** Calls `changed` with each portal user who changed, in any process. While the connection is lost, the cache's own few seconds bound the delay. */
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
