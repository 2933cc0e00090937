export * from './document.js';
export * from './images.js';
