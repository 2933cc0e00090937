import { Fault, type Db, type Log, type Metrics } from '@nefos/service-kit';
import { refusal } from '../../refusals.js';
import { idOf } from '../place.js';
import type { Feed } from './feed.js';
import { openStream, type EventStream, type StreamRequest } from './stream.js';

export interface StreamLimits {
  /** Open streams of one user. */
  perUser: number;
  /** Open streams of this process. */
  perProcess: number;
}
/** The open streams of this process. */
export interface EventStreams {
  /** @throws Fault too_many/throttled, capacity/events.too_many_streams */
  open(request: StreamRequest): Promise<void>;
  /** Something about the user has changed: its streams are judged anew at once. */
  recheck(uuid: string): void;
  /** Ends every stream; no new one begins. */
  stop(): Promise<void>;
}

const BEAT_MS = 15_000;
/** A stream's caller is judged anew after 5 to 10 seconds. */
const CHECK_MS = 5000;
/** So many callers are judged at once. */
const CHECKS = 50;

/** The rights of the callers of streams are judged anew in turns, so that no moment has all of them. */
const makeChecks = (streams: ReadonlySet<EventStream>) => {
  let running = 0;
  const due = (now: number): EventStream[] => [...streams].filter((one) => one.checkAt <= now);
  return (now: number): void => {
    for (const stream of due(now)) {
      if (running >= CHECKS) return;
      running += 1;
      stream.checkAt = now + CHECK_MS * (1 + Math.random());
      stream.request.confirm().then(
        (allowed) => {
          running -= 1;
          if (!allowed) stream.end('credentials');
        },
        () => {
          running -= 1;
        },
      );
    }
  };
};

export const createStreams = (
  { db, log, metrics, feed }: { db: Db; log: Log; metrics: Metrics; feed: Feed },
  limits: StreamLimits,
): EventStreams => {
  const streams = new Set<EventStream>();
  const users = new Map<string, number>();
  const gauge = metrics.gauge('nefos_event_streams', 'Open streams of events');
  gauge.set(0);
  const cut = metrics.counter('nefos_event_streams_cut_total', 'Streams that ended since their reader was too slow');
  cut.inc(0);
  const check = makeChecks(streams);
  let stopped = false;

  const tick = (): void => {
    const now = Date.now();
    const place = feed.place();
    check(now);
    for (const stream of streams) {
      if (stream.endsAt <= now) stream.end('time');
      else if (stream.beatAt <= now && place) {
        stream.beatAt = now + BEAT_MS;
        stream.beat(idOf(place));
      }
    }
  };
  const timer = setInterval(tick, 1000).unref();

  const closed = (stream: EventStream): void => {
    if (!streams.delete(stream)) return;
    feed.detach(stream);
    const left = (users.get(stream.request.uuid) ?? 1) - 1;
    if (left) users.set(stream.request.uuid, left);
    else users.delete(stream.request.uuid);
    gauge.set(streams.size);
  };
  return {
    open: async (request) => {
      if (stopped || streams.size >= limits.perProcess) throw refusal('capacity', 'events.too_many_streams');
      const mine = users.get(request.uuid) ?? 0;
      if (mine >= limits.perUser) throw new Fault('too_many', 'throttled', { retryAfter: 5 });
      const now = Date.now();
      const stream = openStream({
        request,
        beatAt: now + BEAT_MS,
        checkAt: now + CHECK_MS * (1 + Math.random()),
        onEnd: closed,
        onCut: () => {
          cut.inc();
          log.info({ user: request.uuid }, 'a stream of events was cut off: its reader is too slow');
        },
      });
      // Counted before anything is awaited, so that many at once do not pass the limit.
      streams.add(stream);
      users.set(request.uuid, mine + 1);
      gauge.set(streams.size);
      try {
        await stream.begin(db, feed);
      } catch (err) {
        closed(stream);
        throw err;
      }
    },
    recheck: (uuid) => {
      for (const stream of streams) if (stream.request.uuid === uuid) stream.checkAt = 0;
      check(Date.now());
    },
    stop: async () => {
      stopped = true;
      clearInterval(timer);
      for (const stream of [...streams]) stream.end('shutdown');
      await feed.stop();
    },
  };
};
