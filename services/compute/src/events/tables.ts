import {
  generated,
  instant,
  integer,
  jsonb,
  nullable,
  safeInteger,
  table,
  text,
  withDefault,
  type Row,
} from '@nefos/service-kit';

/** What happened to objects, for streams and webhooks; kept for a few hours (contract compute §10.1). */
export const events = table(
  'event',
  {
    /** Number of the transaction that wrote it. */
    xact: withDefault(safeInteger()),
    sequence: generated(safeInteger()),
    /** `<object>.<what happened>`: `instance.state`. */
    type: text(),
    /** Null: only staff see it. */
    clientId: nullable(integer()),
    objectType: text(),
    objectId: text(),
    /** What everyone sees who may see the object. */
    data: jsonb<Record<string, unknown>>(),
    /** What staff see besides, or instead where the name is the same. */
    staffData: nullable(jsonb<Record<string, unknown>>()),
    createdAt: withDefault(instant()),
  },
  { primary: ['xact', 'sequence'] },
);
export type EventRow = Row<typeof events>;

/** Up to where events are thrown away, and up to where webhooks have their deliveries. One row. */
export const eventLog = table(
  'event_log',
  {
    id: integer(),
    prunedXact: withDefault(safeInteger()),
    prunedSequence: withDefault(safeInteger()),
    dispatchedXact: withDefault(safeInteger()),
    dispatchedSequence: withDefault(safeInteger()),
  },
  { primary: ['id'] },
);
