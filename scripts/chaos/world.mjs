// @ts-check
// What the load has made: every tenant, instance, token and person, as it was acknowledged.

/**
 * Values that a field may have: what was acknowledged last, and what may still arrive from attempts whose end nobody
 * saw.
 */
export const field = (value) => {
  /** `late`: it may still arrive. @type {{ value: any, until: number, late?: boolean }[]} */
  let may = [{ value, until: Infinity }];
  return {
    /** @param unsure an attempt of this write had no answer, so it may be carried out late */
    set: (next, { startedAt, unsure = false }) => {
      may = may
        .filter((one) => one.late && one.until > startedAt)
        .concat({ value: next, late: unsure, until: Date.now() + 30_000 });
    },
    /** Nobody knows whether it was written. */
    maybe: (next) => {
      may.push({ value: next, late: true, until: Infinity });
    },
    allows: (found) => may.some((one) => one.value === found),
    toString: () => may.map((one) => one.value).join(' or '),
  };
};

/** Money as whole millionths, so that sums are exact. */
export const micros = (text) => {
  const [, sign, whole, part = ''] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text) ?? [];
  return (sign ? -1n : 1n) * (BigInt(whole ?? 0) * 1_000_000n + BigInt(part.padEnd(6, '0').slice(0, 6)));
};

export const createWorld = (run) => {
  const world = {
    run,
    /** @type {any[]} */
    tenants: [],
    /** @type {any[]} */
    people: [],
    /** Operation id to what was asked: `{instance, action}`. */
    operations: new Map(),
    /** Instances by id. */
    instances: new Map(),
    /** Tokens that must not be accepted any more: `{key, doors, at, who}`. */
    revoked: [],
    /** Observations of the run that must never happen. */
    violations: [],
    /** Revoked tokens that were accepted all the same: `{who, door, seconds}`. */
    accepted: [],
    /** When the last fault ended. */
    disturbedAt: 0,
    next: 0,
    name: (what) => `chaos-${run}-${what}-${(world.next += 1)}`,
    living: () => world.tenants.filter((one) => one.state !== 'gone'),
  };
  return world;
};

/** Runs `work` on one of `list` that nobody else is changing. @returns false when all are busy */
export const withFree = async (random, list, work) => {
  const free = list.filter((one) => !one.busy);
  if (!free.length) return false;
  const one = random.one(free);
  one.busy = true;
  try {
    await work(one);
  } finally {
    one.busy = false;
  }
  return true;
};
