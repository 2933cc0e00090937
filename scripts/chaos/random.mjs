// @ts-check
// Chance that can be repeated: everything random in a run comes from its seed.

/** mulberry32. @returns numbers from 0 to 1 */
const generator = (seed) => {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
};

/** Chance of one part of a run (`name`), so that how fast one part draws does not change what another one gets. */
export const chance = (seed, name) => {
  let mixed = seed >>> 0;
  for (const ch of name) mixed = Math.imul(mixed ^ ch.charCodeAt(0), 0x01000193) >>> 0;
  const next = generator(mixed);
  const whole = (min, max) => min + Math.floor(next() * (max - min + 1));
  return {
    whole,
    /** True in `share` of the cases. */
    once: (share) => next() < share,
    one: (list) => list[whole(0, list.length - 1)],
    /** A key of `weights`, as often as its weight says. */
    weighted: (weights) => {
      const entries = Object.entries(weights);
      let left = next() * entries.reduce((sum, [, weight]) => sum + weight, 0);
      for (const [key, weight] of entries) if ((left -= weight) < 0) return key;
      return entries[0][0];
    },
  };
};
