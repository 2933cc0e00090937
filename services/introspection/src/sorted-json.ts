/** A value whose objects have their keys in alphabetical order (contract introspection §1.2). */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const found = value as Record<string, unknown>;
  // `fromEntries` defines keys, so that `__proto__` is a key as any other.
  return Object.fromEntries(
    Object.keys(found)
      .sort()
      .map((key) => [key, sorted(found[key])]),
  );
};
/** Compact JSON with sorted keys and a newline at the end. */
export const sortedJson = (value: unknown): Buffer => Buffer.from(`${JSON.stringify(sorted(value))}\n`);
