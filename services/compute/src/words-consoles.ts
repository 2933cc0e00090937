import type { Words } from './wording.js';

/** How compute refuses what concerns consoles. */
export const consoleWords = {
  'console.stopped': {
    code: 'invalid_state',
    text: ({ id }: { id: string }) => `Cannot 'console' instance ${id}: it does not run`,
  },
  'console.too_many': { code: 'no_capacity', text: 'Too many consoles are open; try again in a moment.' },
  'console.origin': { code: 'permission_denied', text: 'A page of another origin may not open a console.' },
  'console.handshake': {
    code: 'validation',
    text: ({ what }: { what: string }) => `The handshake of the WebSocket is not valid: ${what}.`,
  },
} satisfies Words;
