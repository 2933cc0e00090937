import type { Db } from './database-types.js';
import type { Log } from './log.js';
import type { Metrics } from './metrics.js';
import type { OutboxRow } from './outbox-rows.js';
import { run } from './statements.js';

/** The receiver's answer for one event. */
export interface Delivery {
  id: string;
  /** true also for a duplicate. false: refused; sent again only when an operator retries it. */
  accepted: boolean;
  reason?: string;
}
export interface Receiver {
  /** @returns the receiver's answers, or why there are none */
  send(rows: readonly OutboxRow[]): Promise<Delivery[] | Error>;
  /** Stores the receiver's answers. @returns how many events it accepted */
  store(answers: readonly Delivery[]): Promise<number>;
}

/** A delivered row is deleted; a refused one stays, with the reason, for the operator. */
export const makeReceiver = (
  db: Db,
  deliver: (events: readonly object[]) => Promise<Delivery[]>,
  log: Log,
  metrics: Metrics | undefined,
): Receiver => {
  const delivered = metrics?.counter('nefos_outbox_delivered_total', 'Events that their receiver accepted');
  return {
    send: async (rows) => {
      try {
        const answers = await deliver(rows.map((r) => r.payload));
        return answers.some((a) => rows.some((r) => r.event_id === a.id))
          ? answers
          : new Error('the receiver said nothing about any event');
      } catch (err) {
        return err as Error;
      }
    },
    store: async (answers) => {
      const accepted = answers.filter((a) => a.accepted).map((a) => a.id);
      if (accepted.length) {
        await run(db, 'delete from outbox where event_id = any($1::uuid[])', [accepted]);
        delivered?.inc(accepted.length);
      }
      for (const one of answers.filter((a) => !a.accepted)) {
        log.error({ event: one.id, reason: one.reason }, 'an event was refused by its receiver and is kept');
        await run(db, 'update outbox set refused_at = now(), last_error = $2 where event_id = $1', [
          one.id,
          one.reason ?? 'refused',
        ]);
      }
      return accepted.length;
    },
  };
};
