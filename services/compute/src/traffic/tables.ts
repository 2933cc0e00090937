import {
  bigint,
  boolean,
  instant,
  integer,
  jsonb,
  nullable,
  safeInteger,
  table,
  text,
  uuid,
  withDefault,
  type Row,
} from '@nefos/service-kit';

/** What is done when an instance has carried as much as it may in a month. */
export type TrafficAction = 'notify' | 'throttle' | 'stop';
/** By the address of the interface: bytes to and from the machine. */
export type SeenCounters = Record<string, [rx: string, tx: string]>;
/** What instances have carried, as sums that lists show; there is a row once an instance has run. */
export const traffic = table(
  'traffic',
  {
    instanceId: uuid(),
    regionId: nullable(text()),
    /** The last reading; null: none yet, and what was carried before it does not count. */
    counters: nullable(jsonb<SeenCounters>()),
    /** Counts the readings: one that was begun before another was written is thrown away. */
    version: withDefault(integer()),
    /** When the counters are read next; null: the machine does not run. */
    nextReadAt: nullable(instant()),
    /** `YYYY-MM` of `monthBytes`, in the server's time zone. */
    month: nullable(text()),
    monthBytes: withDefault(safeInteger()),
    /** The cycle of `cycleBytes`. */
    cycleStart: nullable(instant()),
    cycleEnd: nullable(instant()),
    cycleBytes: withDefault(safeInteger()),
    /** Since the present client has it, and when metering was told of it last. */
    totalBytes: withDefault(bigint()),
    toldAt: nullable(instant()),
    /** Null: the flavor's; -1: none. */
    limitBytes: nullable(safeInteger()),
    /** Null: the flavor's, else `notify`. */
    limitAction: nullable(text<TrafficAction>()),
    /** The month in which the limit was reached last. */
    limitMonth: nullable(text()),
    /** The limit is reached, and nothing was done about it yet. */
    limitDue: withDefault(boolean()),
  },
  { primary: ['instanceId'] },
);
export type Traffic = Row<typeof traffic>;

/** What instances have carried on each day (`YYYY-MM-DD`), in the server's time zone. */
export const trafficDays = table(
  'traffic_day',
  { instanceId: uuid(), day: text(), rxBytes: withDefault(safeInteger()), txBytes: withDefault(safeInteger()) },
  { primary: ['instanceId', 'day'] },
);
export type TrafficDay = Row<typeof trafficDays>;
