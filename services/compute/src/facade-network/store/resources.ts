export * from './networks.js';
export * from './ports.js';
export * from './security-groups.js';
export { pageOf, type FilterField, type ResourceStore } from './resource.js';
