/** Bodies that were read before Express got the request (keystone/api/hot.ts), by request. */
export const knownBodies = new WeakMap<object, Buffer>();
