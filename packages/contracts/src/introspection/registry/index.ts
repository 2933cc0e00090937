export * from './drivers.js';
export * from './inspection-rules.js';
export * from './machines.js';
export * from './nodes.js';
export * from './ports.js';
export * from './provisioning.js';
export * from './traits.js';
export * from './versions.js';
