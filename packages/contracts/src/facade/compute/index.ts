export * from './document.js';
export * from './versions.js';
export * from './servers.js';
export * from './server-parts.js';
export * from './flavors.js';
export * from './keypairs.js';
export * from './projects.js';
export * from './hosts.js';
