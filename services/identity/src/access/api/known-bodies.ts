/** Bodies of requests that were read before Express saw them (keystone/api/hot.ts), by request. */
export const knownBodies = new WeakMap<object, Buffer>();
