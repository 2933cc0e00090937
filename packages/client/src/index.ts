export { ApiError, retryAfterSeconds, type ApiErrorCode, type ApiErrorDetails } from './api-error.js';
export * from './call.js';
export * from './identity.js';
export * from './compute.js';
export * from './metering.js';
export * from './introspection.js';
export type * from './introspection-registry.js';
