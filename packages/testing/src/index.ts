export * from './attacks.js';
export * from './call.js';
export * from './checksums.js';
export * from './clock.js';
export * from './example.js';
export * from './matrix.js';
export * from './raw-http.js';
export * from './template-db.js';
