import { CHANNELS, listenTo, type Log, type Metrics } from '@nefos/service-kit';

/** Listens for events that any process has recorded. While the connection is down, readers find them on their own. */
export const listenForEvents = (
  url: string,
  recorded: () => void,
  { log, metrics }: { log: Log; metrics?: Metrics | undefined },
): Promise<{ stop(): Promise<void> }> =>
  listenTo({
    url,
    channel: CHANNELS.computeEvents,
    name: 'compute-events',
    log,
    metrics,
    onNotification: recorded,
    onGap: recorded,
  });
