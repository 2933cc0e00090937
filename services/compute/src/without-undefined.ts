type Given<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
/** The values that are given: those that are undefined are left out. */
export const withoutUndefined = <T extends object>(values: T): Given<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Given<T>;
