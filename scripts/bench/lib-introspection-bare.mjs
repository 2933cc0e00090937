// @ts-check
// What a report costs at least, a child process of a benchmark: bare node:http that parses the body and does one INSERT
// over a pool like the service's.
import http from 'node:http';
import pg from 'pg';
import { portOf } from '../lib/free-port.mjs';

process.once('message', (sent) => {
  const { url, connections } = /** @type {{ url: string, connections: number }} */ (sent);
  const pool = new pg.Pool({ connectionString: url, max: connections });
  pool.on('error', () => undefined);
  const server = http.createServer((req, res) => {
    /** @type {Buffer[]} */
    const parts = [];
    req.on('data', (part) => parts.push(part));
    req.on('end', () => {
      const text = Buffer.concat(parts).toString();
      const { boot_interface: mac } = JSON.parse(text);
      pool
        .query({ name: 'insert', text: 'insert into bare_report (mac, body) values ($1, $2)', values: [mac, text] })
        .then(
          () => {
            const body = Buffer.from(`{"uuid":"${mac}"}\n`);
            res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': body.length }).end(body);
          },
          () => res.writeHead(500, { 'Content-Length': 0 }).end(),
        );
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.({ port: portOf(server).port }));
});
process.on('disconnect', () => process.exit(0));
