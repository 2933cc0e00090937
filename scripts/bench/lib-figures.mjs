// @ts-check
// Figures of the benchmarks and what they are compared with.

/**
 * One line of a benchmark's answer: a ratio or a value with its unit, and the target that it is judged by.
 * @typedef {{ name: string, ratio?: number, value?: string, target: string, ok: boolean, detail?: string }} Result
 */
/**
 * `smoke`: tiny data and one short round, which shows that everything starts and answers; its figures mean nothing.
 * @typedef {{ smoke?: boolean }} Options
 */

/** The value below which the share `share` of the values lies. @param {number[]} values @param {number} share 0 to 1 */
export const percentile = (values, share) =>
  [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN;
/** @param {number[]} values */
export const median = (values) => percentile(values, 0.5);
