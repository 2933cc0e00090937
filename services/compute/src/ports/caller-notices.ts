import { listenTo, type Log, type Metrics } from '@nefos/service-kit';

/** Hears which portal users changed, in any process. While the line is down nothing is heard; the cache's own few seconds bound that. */
export const listenForCallers = (
  url: string,
  changed: (uuid: string) => void,
  { log, metrics }: { log: Log; metrics?: Metrics | undefined },
): Promise<{ stop(): Promise<void> }> =>
  listenTo({
    url,
    channel: 'nefos_compute_caller',
    name: 'compute-notices',
    log,
    metrics,
    onNotification: (uuid) => {
      if (uuid) changed(uuid);
    },
  });
