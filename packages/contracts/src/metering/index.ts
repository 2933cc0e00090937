export * from './page.js';
export * from './accounts.js';
export * from './instances.js';
export * from './images.js';
export * from './concurrent.js';
export * from './sysconfig.js';
export * from './document.js';
export * from './examples.js';
