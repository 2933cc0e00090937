/** Kinds of events to listen for: a type (`instance.state`) or all of an object (`instance`). */
const TYPE = /^[a-z][a-z_]{0,39}(\.[a-z][a-z_]{0,39})?$/;
export const MAX_TYPES = 20;
/** Whether it could be a type: streams take what may come with a later version. */
export const isEventType = (text: string): boolean => TYPE.test(text);
/** Kinds of objects that are `created`, have another `state`, and are `deleted`. */
const LIVING = [
  ...['instance', 'image', 'volume', 'volumesnapshot', 'volumebackup'],
  ...['network', 'subnet', 'port', 'floatingip', 'securitygroup', 'router'],
];
/** All types that there are. An area that records another one adds it here. */
const EVENT_TYPES = [
  'operation.created',
  'operation.progress',
  'operation.ended',
  'instance.moved',
  'instance.traffic_limit',
  'ping',
  ...LIVING.flatMap((one) => [`${one}.created`, `${one}.state`, `${one}.deleted`]),
];
const KNOWN: ReadonlySet<string> = new Set(EVENT_TYPES.flatMap((one) => [one, one.split('.')[0] as string]));
/** Whether events of the kind are recorded. A webhook that waits for others would never hear anything. */
export const isKnownType = (text: string): boolean => KNOWN.has(text);
/** Whether an event is one of those asked for; none asked for means all. */
export const fitsTypes = (type: string, wanted: readonly string[]): boolean =>
  wanted.length === 0 || wanted.some((one) => one === type || type.startsWith(`${one}.`));
