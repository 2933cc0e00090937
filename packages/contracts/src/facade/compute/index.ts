export * from './document.js';
export * from './versions.js';
export * from './servers.js';
export * from './server-parts.js';
