/**
 * Lists by their keys, in the order of the first of each. Keys are names that people gave: `constructor` and
 * `__proto__` are keys as any other.
 */
export const byKey = <T>(entries: Iterable<readonly [key: string, value: T]>): Record<string, T[]> => {
  const found = new Map<string, T[]>();
  for (const [key, value] of entries) {
    const there = found.get(key);
    if (there) there.push(value);
    else found.set(key, [value]);
  }
  return Object.fromEntries(found);
};
