import type { Words } from './refusal.js';

/** How compute refuses what concerns the catalog, operations and instances (contract compute §6 to §8). */
export const cloudWords = {} satisfies Words;
