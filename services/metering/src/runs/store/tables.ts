import {
  bigint,
  doublePrecision,
  generated,
  instant,
  integer,
  nullable,
  numeric,
  table,
  text,
  uuid,
  withDefault,
  type Row,
} from '@nefos/service-kit';

/** Facts, immutable. The ids stay text: arrays of thousands go into statements as they came out. */
export const instanceEvents = table(
  'instance_event',
  {
    /** The sender's id of the event: sent twice, it takes effect once. */
    eventUuid: withDefault(uuid()),
    /** The order of storage, which decides at one instant after the sequence. */
    id: generated(bigint()),
    instanceId: bigint(),
    eventType: text<'power_on' | 'power_off' | 'attribute_change'>(),
    occurredAt: instant(),
    sequence: withDefault(bigint()),
    subnet: nullable(text()),
    instanceType: nullable(text()),
    vcpu: nullable(integer()),
    /** GiB. */
    memory: nullable(doublePrecision()),
    createdAt: withDefault(instant()),
  },
  { primary: ['eventUuid'] },
);
/** Powered-on intervals `[start, end)`, made from the events alone; the end is null while the instance runs. */
export const runs = table(
  'run',
  {
    id: generated(bigint()),
    userId: bigint(),
    cloudAccountId: bigint(),
    instanceId: bigint(),
    /** Neither read nor written; for processes of the previous release. */
    machineImageId: nullable(bigint()),
    startTime: instant(),
    endTime: nullable(instant()),
    instanceType: nullable(text()),
    vcpu: nullable(integer()),
    /** GiB. */
    memory: nullable(doublePrecision()),
  },
  { primary: ['id'] },
);
/** The sizes of instance types. */
export const instanceDefinitions = table(
  'instance_definition',
  { instanceType: text(), vcpu: integer(), memory: numeric() },
  { primary: ['instanceType'] },
);

/** What an instance is while it runs; memory in GiB. */
export type Size = Pick<Row<typeof runs>, 'instanceType' | 'vcpu' | 'memory'>;
/** One fact of the life of an instance. `at`: microseconds since 1970. */
export interface PowerEvent {
  type: Row<typeof instanceEvents>['eventType'];
  at: number;
  /** Null when the event gives none. */
  size: Size | null;
}
