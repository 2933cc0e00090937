// @ts-check
// A bare node:http server to compare with, a child process of a benchmark: it answers everything with the bytes that it
// was sent in base64.
import http from 'node:http';
import { portOf } from '../lib/free-port.mjs';

process.once('message', (sent) => {
  const bytes = Buffer.from(String(sent), 'base64');
  const server = http.createServer((req, res) => {
    req.resume();
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length }).end(bytes);
  });
  server.listen(0, '127.0.0.1', () => process.send?.({ port: portOf(server).port }));
});
process.on('disconnect', () => process.exit(0));
