import { camelKeys, type CamelKeys } from '../../camel-keys.js';

/** A flavor's `swap` is megabytes, as its column says. */
export const flavorForm = <T extends { swap?: number | undefined }>(
  body: T,
): Omit<CamelKeys<T>, 'swap'> & { swapMb: T['swap'] } => {
  const { swap, ...rest } = body;
  return { ...(camelKeys(rest) as unknown as Omit<CamelKeys<T>, 'swap'>), swapMb: swap };
};
