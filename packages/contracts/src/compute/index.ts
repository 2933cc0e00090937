export * from './users.js';
export * from './clients.js';
export * from './billing.js';
export * from './lists.js';
export * from './cloud.js';
export * from './instances.js';
export * from './operations.js';
export * from './document.js';
