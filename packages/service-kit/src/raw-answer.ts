import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';

/** Methods for questions about the server as a whole. */
export const SERVER_METHODS = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS';
/** How long a connection stays open after a refusal, so that the client can read the answer. */
export const LINGER_MS = 2000;

/**
 * An answer to a message that is not HTTP, or not complete. There is no path and so no dialect: one form for all
 * (contract compute T11). The connection ends after it.
 */
export const rawAnswer = (status: number, detail: string, headers: readonly string[] = []): string => {
  const body = JSON.stringify({ detail });
  const lines = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...headers,
    'Connection: close',
  ];
  return `${lines.join('\r\n')}\r\n\r\n${body}`;
};

/** Closes an ended socket when the client closes its side, at the latest after a while. */
export const closeSoon = (socket: Socket): void => {
  const close = setTimeout(() => socket.destroy(), LINGER_MS);
  socket.once('close', () => clearTimeout(close));
  socket.once('end', () => socket.destroy());
  socket.on('error', () => undefined);
};
