import type { Db } from '@nefos/service-kit';
import { idOf, isAfter, placeOf, type Place } from '../place.js';
import { findPruned, listEventsBetween } from '../store/events.js';
import { fitsTypes } from './event-types.js';
import { feedEvent, type FeedEvent } from './event-text.js';
import type { Feed, Listener } from './feed.js';

/** Where a stream goes. */
export interface Sink {
  /** Begins the answer. */
  open(): void;
  send(text: string): void;
  /** Bytes that the reader has not taken yet. */
  waiting(): number;
  /** Resolves when the reader has taken them, or is gone. */
  drained(): Promise<void>;
  end(): void;
  /** Ends without waiting for the reader. */
  cut(): void;
  onClose(gone: () => void): void;
}
export interface StreamRequest {
  /** The caller, by the uuid of identity. */
  uuid: string;
  staff: boolean;
  zone: string;
  /** Null: everybody's. */
  clientIds: readonly number[] | null;
  types: readonly string[];
  /** `Last-Event-ID`. */
  after: string | undefined;
  /** Ends after so many seconds; 0: after what was missed. */
  seconds: number | undefined;
  /** Whether the caller still may see what the stream shows. */
  confirm(): Promise<boolean>;
  sink: Sink;
}
export type EndReason = 'credentials' | 'time' | 'shutdown';
export interface EventStream extends Listener {
  readonly request: StreamRequest;
  checkAt: number;
  beatAt: number;
  readonly endsAt: number;
  begin(db: Db, feed: Feed): Promise<void>;
  /** A sign of life, with the place up to which the reader has everything. */
  beat(id: string): void;
  end(reason: EndReason): void;
}

/** A reader comes again after so long. */
const RETRY_MS = 3000;
const PAGE = 200;
/** A reader that has so much to take is cut off; it comes again with Last-Event-ID. */
const MAX_WAITING = 512 * 1024;
/** Events that may come while a reader is given those that it missed. */
const MAX_HELD = 5000;

const block = (event: string, data: object): string => `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

/** Where a reader begins; `gap`: what was between is not kept any more. */
const startOf = async (db: Db, after: string | undefined, now: Place): Promise<{ from: Place; gap: boolean }> => {
  if (after === undefined) return { from: now, gap: false };
  const from = placeOf(after);
  // An id of the future is of another installation, or of before a restore.
  if (!from || from.xact > now.xact) return { from: now, gap: true };
  return { from, gap: isAfter(await findPruned(db), from) };
};

export const openStream = ({
  request,
  beatAt,
  checkAt,
  onEnd,
  onCut,
}: {
  request: StreamRequest;
  beatAt: number;
  checkAt: number;
  onEnd: (stream: EventStream) => void;
  onCut: () => void;
}): EventStream => {
  const { sink, staff, types, clientIds, after, seconds, zone } = request;
  /** Events that came while those that were missed are sent; undefined: there are none to wait for. */
  let held: FeedEvent[] | undefined = [];
  let over = false;
  let opened = false;
  const finish = (): void => {
    over = true;
    held = undefined;
    onEnd(stream);
  };
  const cut = (): void => {
    if (over) return;
    finish();
    onCut();
    sink.cut();
  };
  const send = (event: FeedEvent): void => {
    if (fitsTypes(event.row.type, types)) sink.send(event.textFor(staff));
  };
  const replay = async (db: Db, from: Place, until: Place): Promise<void> => {
    for (let at = from; !over && isAfter(until, at);) {
      const rows = await listEventsBetween(db, { after: at, until, clientIds }, PAGE);
      for (const row of rows) send(feedEvent(row, zone));
      const last = rows.at(-1);
      if (!last || rows.length < PAGE) return;
      at = last;
      await sink.drained();
    }
  };
  const stream: EventStream = {
    request,
    clientIds,
    checkAt,
    beatAt,
    endsAt: seconds ? Date.now() + seconds * 1000 : Number.POSITIVE_INFINITY,
    accept: (event) => {
      if (over) return;
      if (held) {
        if (held.length >= MAX_HELD) cut();
        else held.push(event);
        return;
      }
      send(event);
      if (sink.waiting() > MAX_WAITING) cut();
    },
    begin: async (db, feed) => {
      const now = await feed.attach(stream);
      if (over) return;
      const { from, gap } = await startOf(db, after, now);
      sink.onClose(() => {
        if (!over) finish();
      });
      opened = true;
      sink.open();
      sink.send(`retry: ${RETRY_MS}\nid: ${idOf(from)}\n\n`);
      if (gap)
        sink.send(block('gap', { detail: 'Earlier events are not kept any more: read the lists anew, then go on.' }));
      await replay(db, from, now);
      if (over) return;
      for (const event of held ?? []) send(event);
      held = undefined;
      if (seconds === 0) stream.end('time');
    },
    beat: (id) => {
      if (over || held) return;
      sink.send(`: still here\nid: ${id}\n\n`);
      if (sink.waiting() > MAX_WAITING) cut();
    },
    end: (reason) => {
      if (over) return;
      finish();
      if (!opened) sink.open();
      sink.send(block('end', { reason }));
      sink.end();
    },
  };
  return stream;
};
