/** Time as the domain sees it; tests hold it still. */
export interface Clock {
  now(): Date;
}
export const systemClock: Clock = { now: () => new Date() };
