// @ts-check
// Bytes to a port, and what comes back: for requests that no client library would send.
import net from 'node:net';

/**
 * Sends `parts` one after another (a number waits so many milliseconds) and reads until the other side closes or `ms` are over.
 * @returns {Promise<{text: string, statuses: number[], closed: boolean, ms: number}>}
 */
export const exchange = (port, parts, { ms = 5000, enough } = {}) =>
  new Promise((resolve) => {
    const begun = performance.now();
    let text = '';
    const socket = net.connect(port, '127.0.0.1');
    const done = (closed) => {
      clearTimeout(timer);
      socket.destroy();
      resolve({
        text,
        statuses: [...text.matchAll(/^HTTP\/1\.[01] (\d{3})/gm)].map((m) => Number(m[1])),
        closed,
        ms: performance.now() - begun,
      });
    };
    const timer = setTimeout(() => done(false), ms);
    socket.setEncoding('latin1');
    socket.on('data', (part) => {
      text = (text + part).slice(-2_000_000);
      if (enough?.(text)) done(false);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => done(true));
    socket.on('connect', async () => {
      for (const part of parts) {
        if (typeof part === 'number') await new Promise((r) => setTimeout(r, part));
        else if (!socket.destroyed) socket.write(part, 'latin1');
      }
    });
  });

/** A request as text. */
export const request = (method, target, headers = {}, body = '') => {
  const lines = Object.entries({ Host: 'localhost', ...headers }).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}`),
  );
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
};

/** A whole JSON body with its length. */
export const jsonRequest = (method, target, headers, body) =>
  request(
    method,
    target,
    { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), Connection: 'close', ...headers },
    body,
  );
