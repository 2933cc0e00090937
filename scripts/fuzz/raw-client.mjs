// @ts-check
// Bytes to a port, and what comes back: for requests that no client library would send.
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** @typedef {{ text: string, statuses: number[], closed: boolean, ms: number }} Exchange `closed`: by the other side */
/**
 * Sends `parts` one after another and reads until the other side closes, `enough` is true of what came, or `ms` are
 * over.
 * @param {number} port @param {(string | number)[]} parts a number is a pause in milliseconds
 * @param {{ ms?: number, enough?: (text: string) => boolean }} [options]
 * @returns {Promise<Exchange>}
 */
export const exchange = (port, parts, { ms = 5000, enough } = {}) =>
  new Promise((resolve) => {
    const begun = performance.now();
    let text = '';
    const socket = net.connect(port, '127.0.0.1');
    const done = (/** @type {boolean} */ closed) => {
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
      text = (text + String(part)).slice(-2_000_000);
      if (enough?.(text)) done(false);
    });
    socket.on('error', () => undefined);
    socket.on('close', () => done(true));
    const send = async () => {
      for (const part of parts) {
        if (typeof part === 'number') await sleep(part);
        else if (!socket.destroyed) socket.write(part, 'latin1');
      }
    };
    socket.on('connect', () => void send());
  });

/** @typedef {Record<string, string | number | string[]>} Headers */
/** A request as text. @param {string} method @param {string} target @param {Headers} [headers] */
export const request = (method, target, headers = {}, body = '') => {
  const lines = Object.entries({ Host: 'localhost', ...headers }).flatMap(([name, value]) =>
    [value].flat().map((one) => `${name}: ${one}`),
  );
  return `${method} ${target} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n${body}`;
};

/**
 * A whole JSON body with its length.
 * @param {string} method @param {string} target @param {Headers} headers @param {string} body
 */
export const jsonRequest = (method, target, headers, body) =>
  request(
    method,
    target,
    { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body), Connection: 'close', ...headers },
    body,
  );
