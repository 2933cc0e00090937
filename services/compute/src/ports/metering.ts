import { createMeteringClient } from '@nefos/client';
import type { EventResult, MeteringEvent } from '@nefos/contracts';
import type { Log } from '@nefos/service-kit';
import { createTrust } from './trust.js';

/** Where usage facts are told. */
export interface MeteringPort {
  /** Tells events in this order; each is answered by itself. Throws when nothing is known of any of them. */
  tell(events: readonly MeteringEvent[]): Promise<EventResult[]>;
  stop(): void;
}
export const meteringOverHttp = (url: string, token: string, log: Log): MeteringPort => {
  const client = createMeteringClient({ baseURL: url, token, timeoutMs: 10_000 });
  const trust = createTrust('metering', 'events.send', log);
  const tell = async (events: readonly MeteringEvent[]): Promise<EventResult[]> => {
    try {
      const answers = await client.ingestEvents(events);
      trust.granted();
      return answers;
    } catch (err) {
      trust.refused(err);
      throw err;
    }
  };
  return { tell, stop: () => client.close() };
};

/** Metering in memory: takes each event once; `down` makes it silent. */
export interface FakeMetering extends MeteringPort {
  taken: MeteringEvent[];
  down: boolean;
}
export const fakeMetering = (): FakeMetering => {
  const self: FakeMetering = {
    taken: [],
    down: false,
    tell: (events) =>
      self.down
        ? Promise.reject(new Error('metering is silent'))
        : Promise.resolve(
            events.map((event): EventResult => {
              if (self.taken.some((one) => one.id === event.id)) return { id: event.id, status: 'duplicate' };
              self.taken.push(event);
              return { id: event.id, status: 'accepted' };
            }),
          ),
    stop: () => undefined,
  };
  return self;
};
