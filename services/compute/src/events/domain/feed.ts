import { setTimeout as sleep } from 'node:timers/promises';
import type { Db, Log } from '@nefos/service-kit';
import type { Place } from '../place.js';
import { findHorizon, readEvents } from '../store/events.js';
import { feedEvent, type FeedEvent } from './event-text.js';

/** Without a notice the log is read so often: small steps of operations come without one, and notices can be lost. */
const POLL_MS = 500;
/** Between two readings, so that many notices cost one. */
const PAUSE_MS = 25;
const PAGE = 1000;

/** Who reads along. */
export interface Listener {
  /** Null: events of every client, and those of none. */
  readonly clientIds: readonly number[] | null;
  accept(event: FeedEvent): void;
}
/** Reads the log of events once for all listeners of this process, in order. Without a listener it reads nothing. */
export interface Feed {
  /** @returns the place after which the listener gets every event */
  attach(listener: Listener): Promise<Place>;
  detach(listener: Listener): void;
  /** The place up to which every listener has all events. */
  place(): Place | undefined;
  /** There may be new events. */
  wake(): void;
  stop(): Promise<void>;
}

export const createFeed = ({ db, log, zone }: { db: Db; log: Log; zone: string }): Feed => {
  const listeners = new Map<number | null, Set<Listener>>();
  /** All that are attached, or on the way. */
  const attached = new Set<Listener>();
  let place: Place | undefined;
  let beginning: Promise<void> | undefined;
  let running: Promise<void> | undefined;
  let stopped = false;
  let wake = (): void => undefined;

  const dispatch = (event: FeedEvent): void => {
    const { clientId } = event.row;
    for (const one of listeners.get(null) ?? []) one.accept(event);
    if (clientId !== null) for (const one of listeners.get(clientId) ?? []) one.accept(event);
  };
  const readAll = async (): Promise<void> => {
    for (;;) {
      const from = place;
      if (!from || stopped) return;
      const { rows, upTo } = await readEvents(db, from, PAGE);
      // Nobody listens any more, or listens anew from another place.
      if (place !== from) return;
      for (const row of rows) dispatch(feedEvent(row, zone));
      place = upTo;
      if (rows.length < PAGE) return;
    }
  };
  const run = async (): Promise<void> => {
    let failing = false;
    while (attached.size && !stopped) {
      const woken = new Promise<void>((resolve) => {
        wake = resolve;
      });
      try {
        await readAll();
        if (failing) log.info('the log of events is read again');
        failing = false;
      } catch (err) {
        if (!failing) log.warn({ err }, 'the log of events can not be read; it is tried again');
        failing = true;
      }
      await sleep(PAUSE_MS);
      const timer = new AbortController();
      await Promise.race([woken, sleep(POLL_MS, undefined, { signal: timer.signal }).catch(() => undefined)]);
      timer.abort();
    }
    place = undefined;
    beginning = undefined;
    running = undefined;
  };
  // While a listener is counted no run ends, so the place stays once it is there.
  const begin = async (): Promise<void> => {
    place = await findHorizon(db);
  };

  /** The listener has gone before it was there; without a run nobody else forgets the place. */
  const leave = (): Place => {
    const last = place ?? { xact: 0, sequence: 0 };
    if (!attached.size && !running) {
      place = undefined;
      beginning = undefined;
    }
    return last;
  };

  return {
    attach: async (listener) => {
      attached.add(listener);
      try {
        beginning ??= begin();
        await beginning;
        if (!attached.has(listener)) return leave();
        for (const id of listener.clientIds ?? [null]) {
          const set = listeners.get(id) ?? new Set();
          listeners.set(id, set.add(listener));
        }
        running ??= run();
        return place as Place;
      } catch (err) {
        attached.delete(listener);
        beginning = undefined;
        throw err;
      }
    },
    detach: (listener) => {
      if (!attached.delete(listener)) return;
      for (const id of listener.clientIds ?? [null]) {
        const set = listeners.get(id);
        set?.delete(listener);
        if (set?.size === 0) listeners.delete(id);
      }
      if (!attached.size) wake();
    },
    place: () => place,
    wake: () => wake(),
    stop: async () => {
      stopped = true;
      wake();
      await running;
    },
  };
};
