import { bigint, generated, instant, integer, jsonb, nullable, text, uuid, withDefault } from './table-columns.js';
import { table, type Row } from './table.js';

/** The events that are not delivered yet, or were refused. A service that has an outbox lists it among its entities. */
export const outboxEvents = table(
  'outbox',
  {
    id: generated(bigint()),
    eventId: uuid(),
    aggregate: text(),
    payload: jsonb<object>(),
    createdAt: withDefault(instant()),
    /** Failed deliveries. */
    attempts: withDefault(integer()),
    lastError: nullable(text()),
    refusedAt: nullable(instant()),
    /** Failures while others were delivered. */
    blamed: withDefault(integer()),
    /** Not delivered again until an operator retries it. */
    setAsideAt: nullable(instant()),
  },
  { primary: ['id'] },
);
export type OutboxEvent = Row<typeof outboxEvents>;
