type Camel<S extends string> = S extends `${infer Head}_${infer Tail}` ? `${Head}${Capitalize<Camel<Tail>>}` : S;
/** The same object with camelCase names; nested objects stay as they are. */
export type CamelKeys<T> = { [K in keyof T as K extends string ? Camel<K> : K]: T[K] };

/** A body of the wire (`first_name`) as the domain takes it (`firstName`). */
export const camelKeys = <T extends object>(body: T): CamelKeys<T> =>
  Object.fromEntries(
    Object.entries(body).map(([name, value]) => [
      name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()),
      value as unknown,
    ]),
  ) as CamelKeys<T>;
