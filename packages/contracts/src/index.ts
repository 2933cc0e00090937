export * from './endpoint.js';
export * from './openapi.js';
export * from './principal.js';
export * from './events.js';
export * as drf from './drf.js';
export * from './bootstrap.js';
export * as identityInternal from './identity-internal.js';
