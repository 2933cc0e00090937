import { Unusable } from '../../processing/domain/hook.js';

/** Steps of at most some hundred nanoseconds each: a second or two for all rules of a run. */
const STEPS = 10_000_000;
/**
 * What the rules of one run may cost. Rules are written by people who may do so, and the data by whoever boots: paths
 * and patterns that are harmless with one report take minutes with another.
 */
export class Budget {
  #left: number;
  constructor(steps = STEPS) {
    this.#left = steps;
  }
  /** @throws Unusable when it is used up */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0) throw new Unusable('The rules take too long with these data');
  }
}
