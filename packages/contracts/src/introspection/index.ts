export * from './discovery.js';
export * from './document.js';
export * from './registry/index.js';
export * from './report-bodies.js';
export * from './runs.js';
export * from './values.js';
export * from './reports.js';
export * from './rules.js';
