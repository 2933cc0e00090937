/** Kinds of events to listen for: a type (`instance.state`) or all of an object (`instance`). */
const TYPE = /^[a-z][a-z_]{0,39}(\.[a-z][a-z_]{0,39})?$/;
export const MAX_TYPES = 20;
export const isEventType = (text: string): boolean => TYPE.test(text);
/** Whether an event is one of those asked for; none asked for means all. */
export const fitsTypes = (type: string, wanted: readonly string[]): boolean =>
  wanted.length === 0 || wanted.some((one) => one === type || type.startsWith(`${one}.`));
