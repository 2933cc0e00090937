export * from './document.js';
export * from './resources.js';
