export * from './discovery.js';
export * from './document.js';
export * from './report-bodies.js';
