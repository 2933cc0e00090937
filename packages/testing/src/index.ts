export * from './clock.js';
export * from './template-db.js';
