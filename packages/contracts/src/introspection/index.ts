export * from './discovery.js';
export * from './document.js';
