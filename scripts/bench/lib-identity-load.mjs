// @ts-check
// Child processes of identity.mjs: `hello <kind> <size>` is a server to compare with, `load` sends requests.
import http from 'node:http';
import net from 'node:net';
import { portOf } from '../lib/free-port.mjs';

const CONNECTIONS = 64;

/** A server that answers everything with `size` bytes. @param {'bare' | 'express'} kind @param {number} size */
const hello = async (kind, size) => {
  const body = 'x'.repeat(size);
  const { default: express } = await import('express');
  /** @type {http.RequestListener} */
  const bare = (req, res) => {
    req.resume();
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': size });
    res.end(body);
  };
  const listener =
    kind === 'bare'
      ? bare
      : express().all('/{*any}', (req, res) => {
          req.resume();
          res.type('json').send(body);
        });
  const server = http.createServer({ keepAliveTimeout: 76_000 }, listener);
  server.listen(0, '127.0.0.1', () => process.send?.({ port: portOf(server).port }));
};

/** @typedef {{ port: number, requests: string[], seconds: number }} Job */
/**
 * Sends the same requests over and over on `CONNECTIONS` sockets, one at a time on each, and counts whole answers.
 * @param {Job} job
 * @returns {Promise<number>} answers per second
 */
const load = ({ port, requests, seconds }) =>
  new Promise((resolve, reject) => {
    const messages = requests.map((text) => Buffer.from(text));
    let next = 0;
    let done = 0;
    let over = false;
    const started = process.hrtime.bigint();
    const sockets = Array.from({ length: CONNECTIONS }, () => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      let received = '';
      /** Length of the answer; -1 while its head is not complete. */
      let need = -1;
      const send = () => {
        next = (next + 1) % messages.length;
        socket.write(messages[next] ?? '');
      };
      socket.setEncoding('latin1');
      socket.on('connect', send);
      socket.on('error', (err) => {
        if (!over) reject(err);
      });
      socket.on('data', (part) => {
        // Text, by the encoding that was set.
        const text = String(part);
        received = received ? received + text : text;
        if (need < 0) {
          const end = received.indexOf('\r\n\r\n');
          if (end < 0) return;
          if (!received.startsWith('HTTP/1.1 200')) {
            reject(new Error(`not 200: ${received.slice(0, 300)}`));
            return;
          }
          need = end + 4 + Number(/content-length: (\d+)/i.exec(received)?.[1]);
        }
        if (received.length < need) return;
        received = '';
        need = -1;
        done += 1;
        if (!over) send();
      });
      return socket;
    });
    setTimeout(() => {
      over = true;
      const elapsed = Number(process.hrtime.bigint() - started) / 1e9;
      for (const s of sockets) s.destroy();
      resolve(done / elapsed);
    }, seconds * 1000);
  });

const [, , what, kind, size] = process.argv;
process.on('disconnect', () => process.exit(0));
if (what === 'hello') await hello(kind === 'bare' ? 'bare' : 'express', Number(size));
if (what === 'load') {
  process.on('message', (job) => {
    load(/** @type {Job} */ (job)).then(
      (perSecond) => process.send?.({ perSecond }),
      (err) => process.send?.({ error: err.message }),
    );
  });
  process.send?.({ ready: true });
}
