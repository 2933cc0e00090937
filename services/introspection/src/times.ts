/**
 * Times as they come from the database, `2026-11-20 17:06:42.93519+00`, in the forms of both APIs. Microseconds are
 * kept; a fraction of zero is left out, as Python's `isoformat` does.
 */
const PARTS = /^(\d{4,}-\d\d-\d\d) (\d\d:\d\d:\d\d)(?:\.(\d{1,6}))?([+-]\d\d(?::?\d\d)?)?$/;
const isoOf = (stored: string): string => {
  const [, day, time, fraction = ''] = PARTS.exec(stored) ?? [];
  if (day === undefined || time === undefined) throw new Error(`no time of the database: ${stored}`);
  const micros = fraction.padEnd(6, '0');
  return `${day}T${time}${micros === '000000' ? '' : `.${micros}`}`;
};
/** Of the inspector: UTC without a zone (contract introspection §3.1). */
export const inspectorTime = <T extends string | null>(stored: T): T => (stored === null ? null : isoOf(stored)) as T;
/** Of the registry: with the zone (contract introspection §11.1). */
export const registryTime = <T extends string | null>(stored: T): T =>
  (stored === null ? null : `${isoOf(stored)}+00:00`) as T;
