export type { DrfIssue, DrfRule } from './field.js';
export * from './values.js';
export * from './structures.js';
