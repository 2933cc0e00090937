import { createMeteringClient } from '@nefos/client';
import type { EventResult, MeteringEvent } from '@nefos/contracts';
import type { Log } from '@nefos/service-kit';
import { createTrust } from './trust.js';

/** The service that usage events are sent to. */
export interface MeteringPort {
  /** Sends events in this order; each has a result of its own. @throws when it is not known what became of them */
  send(events: readonly MeteringEvent[]): Promise<EventResult[]>;
  stop(): void;
}
export const meteringOverHttp = (url: string, token: string, log: Log): MeteringPort => {
  const client = createMeteringClient({ baseURL: url, token, timeoutMs: 10_000 });
  const trust = createTrust('metering', 'events.send', log);
  const send = async (events: readonly MeteringEvent[]): Promise<EventResult[]> => {
    try {
      const answers = await client.ingestEvents(events);
      trust.granted();
      return answers;
    } catch (err) {
      trust.refused(err);
      throw err;
    }
  };
  return { send, stop: () => client.close() };
};

/** Metering in memory: accepts each event once; does not answer while `down`. */
export interface FakeMetering extends MeteringPort {
  accepted: MeteringEvent[];
  down: boolean;
}
export const fakeMetering = (): FakeMetering => {
  const self: FakeMetering = {
    accepted: [],
    down: false,
    send: (events) =>
      self.down
        ? Promise.reject(new Error('metering is silent'))
        : Promise.resolve(
            events.map((event): EventResult => {
              if (self.accepted.some((one) => one.id === event.id)) return { id: event.id, status: 'duplicate' };
              self.accepted.push(event);
              return { id: event.id, status: 'accepted' };
            }),
          ),
    stop: () => undefined,
  };
  return self;
};
