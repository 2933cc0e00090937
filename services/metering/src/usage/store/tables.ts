import type { ResourceKind } from '@nefos/contracts';
import {
  bigint,
  boolean,
  generated,
  instant,
  integer,
  nullable,
  table,
  text,
  uuid,
  withDefault,
} from '@nefos/service-kit';

/** What accounts of our own cloud use beside instances: images, volumes, floating IPs, traffic. */
export const resources = table(
  'resource',
  {
    id: generated(bigint()),
    cloudAccountId: bigint(),
    kind: text<ResourceKind>(),
    /** Its id in the cloud. */
    resourceId: text(),
    region: text(),
    /** Since when it is known. */
    begunAt: instant(),
    /** Since when it is in use no more, by its newest event or because its account has ended. */
    endedAt: nullable(instant()),
    /** When its account ended: nothing counts after it. */
    closedAt: nullable(instant()),
  },
  { primary: ['id'] },
);
/** How much of a resource is in use from an instant on, by the number of its event. */
export const resourceFacts = table(
  'resource_fact',
  {
    resourceId: bigint(),
    sequence: integer(),
    eventId: uuid(),
    at: instant(),
    /** In the kind's unit; of traffic all that was carried so far. */
    quantity: bigint(),
    ended: withDefault(boolean()),
  },
  { primary: ['resourceId', 'sequence'] },
);
