import type { Clock } from '@nefos/service-kit';

/** A clock that stands still until it is moved. */
export const frozenClock = (at: string): Clock & { set(at: string): void; advance(seconds: number): void } => {
  let now = new Date(at);
  return {
    now: () => new Date(now),
    set: (to) => {
      now = new Date(to);
    },
    advance: (seconds) => {
      now = new Date(now.getTime() + seconds * 1000);
    },
  };
};
