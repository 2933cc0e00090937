export * from './document.js';
export * from './versions.js';
