/**
 * An array parameter of values that need no quotes: numbers, ids, uuids, instants. The driver would quote and escape
 * each one, which for batches of thousands costs more than all else in the process.
 */
export const plainArray = (values: readonly (string | number | null)[]): string =>
  `{${values.map((value) => value ?? 'NULL').join(',')}}`;
