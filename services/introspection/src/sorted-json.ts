import { jsonText } from './json-text.js';

/** Compact JSON with sorted keys and a newline at the end (contract introspection §1.2). */
export const sortedJson = (value: unknown): Buffer => Buffer.from(`${jsonText(value, true)}\n`);
