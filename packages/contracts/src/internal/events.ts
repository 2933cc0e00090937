import { z } from 'zod';
import { boundedArray } from '../bounded.js';
import { contract } from '../endpoint.js';
import { instant } from '../instant.js';
import { badText } from '../text.js';

/** Text that can be kept. */
const text = (max: number) =>
  z
    .string()
    .max(max, { abort: true })
    .refine((given) => badText(given) === undefined, { error: 'no text' });

/**
 * Facts that compute tells metering, at least once and in order per instance (architecture §1, §4).
 * Two events of one instance at one instant are ordered by `sequence`.
 */
export const eventAccount = z.object({
  /** Account number of the metering user that pays: the client's id as text. */
  number: text(64).min(1),
  name: text(256),
  /** Identity uuids of the client's end users: their tokens see this account. */
  identities: boundedArray(z.uuid(), 1000),
});
export const eventInstance = z.object({
  id: z.uuid(),
  region: text(128),
  /** Flavor name. */
  instance_type: text(64).nullable(),
  vcpu: z.int().min(0).max(1_000_000).nullable(),
  /** GiB. */
  memory: z.number().min(0).max(10_000_000).nullable(),
  image: z.object({ id: text(64), name: text(256).nullable(), os_distro: text(64).nullable() }).nullable(),
});
export const instanceEvent = z
  .object({
    /** A repeated event has the same id and takes effect once. */
    id: z.uuid(),
    type: z.enum(['instance.power_on', 'instance.power_off', 'instance.attribute_change', 'instance.deleted']),
    /** Rises with every event of one instance. */
    sequence: z.int().min(0),
    /** ISO 8601 with an offset; microseconds are kept. */
    occurred_at: instant,
    account: eventAccount,
    instance: eventInstance,
  })
  .meta({ id: 'InstanceEvent' });
export const accountEvent = z
  .object({
    id: z.uuid(),
    type: z.enum(['account.updated', 'account.deleted']),
    sequence: z.int().min(0),
    occurred_at: instant,
    account: eventAccount,
  })
  .meta({ id: 'AccountEvent' });
/** What is metered beside instances, and in which unit. */
export const RESOURCE_UNITS = {
  image: 'byte',
  volume: 'gibibyte',
  volume_snapshot: 'gibibyte',
  volume_backup: 'gibibyte',
  floating_ip: 'address',
  traffic: 'byte',
} as const;
export type ResourceKind = keyof typeof RESOURCE_UNITS;
export const RESOURCE_KINDS = Object.keys(RESOURCE_UNITS) as [ResourceKind, ...ResourceKind[]];
export const eventResource = z.object({
  kind: z.enum(RESOURCE_KINDS),
  /** Of traffic: the instance's. */
  id: text(64).min(1),
  region: text(128),
  /**
   * A whole number. From then on so much is in use, until the next event of the resource; of traffic: so much was
   * carried since the resource began.
   */
  quantity: z.string().regex(/^\d{1,18}$/),
  unit: z.enum(['byte', 'gibibyte', 'address']),
});
export const resourceEvent = z
  .object({
    id: z.uuid(),
    /** `ended`: nothing is in use from then on. */
    type: z.enum(['resource.usage', 'resource.ended']),
    /** Rises with every event of one resource. */
    sequence: z.int().min(0).max(2_147_483_647),
    occurred_at: instant,
    account: eventAccount,
    resource: eventResource,
  })
  .meta({ id: 'ResourceEvent' });
export const meteringEvent = z.union([instanceEvent, accountEvent, resourceEvent]);
export type MeteringEvent = z.infer<typeof meteringEvent>;
export type InstanceEvent = z.infer<typeof instanceEvent>;
export type AccountEvent = z.infer<typeof accountEvent>;
export type ResourceEvent = z.infer<typeof resourceEvent>;

export const eventResult = z.object({
  id: z.string(),
  status: z.enum(['accepted', 'duplicate', 'refused']),
  reason: z.string().optional(),
});
/** Not routed by the gateway: for components only. */
export const ingestEvents = contract({
  method: 'post',
  path: '/internal/v1/events',
  access: 'service',
  components: 'events.send',
  status: 200,
  summary: 'Take a batch of events, each exactly once',
  source: 'ours; architecture §1',
  itemised: true,
  body: z.object({ events: boundedArray(z.unknown(), 1000, 1) }),
  response: z.object({ results: z.array(eventResult) }),
});
export type EventResult = z.infer<typeof eventResult>;
