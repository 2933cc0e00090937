import type { Hook } from '../hook.js';

/** Changes nothing: where a hook of one's own begins (contract §7). */
export const example: Hook = { name: 'example', process: ({ skipped }) => skipped('nothing: the hook is an example') };
