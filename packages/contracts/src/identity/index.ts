export * from './account.js';
export * from './tokens.js';
export * from './v2.js';
export * from './v3.js';
export * from './v3-entities.js';
export * from './projects.js';
export * from './pages.js';
export * from './document.js';
