export * from './document.js';
export * from './versions.js';
export * from './volumes.js';
export * from './copies.js';
export * from './metadata.js';
export * from './types.js';
export * from './attachments.js';
export * from './cloud.js';
