export * from './users.js';
export * from './clients.js';
export * from './billing.js';
export * from './lists.js';
