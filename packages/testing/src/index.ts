export * from './attacks.js';
export * from './clock.js';
export * from './raw-http.js';
export * from './template-db.js';
