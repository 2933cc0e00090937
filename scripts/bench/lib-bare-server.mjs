// @ts-check
// A server to compare with, a child process of a benchmark: it answers everything with the bytes that it was sent in
// base64, by bare node:http or, with the argument `express`, by an Express handler.
import http from 'node:http';
import express from 'express';
import { portOf } from '../lib/free-port.mjs';

process.once('message', (sent) => {
  const bytes = Buffer.from(String(sent), 'base64');
  /** @type {http.RequestListener} */
  const bare = (req, res) => {
    req.resume();
    res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length }).end(bytes);
  };
  const server = http.createServer(process.argv[2] === 'express' ? express().get('/{*any}', bare) : bare);
  server.listen(0, '127.0.0.1', () => process.send?.({ port: portOf(server).port }));
});
process.on('disconnect', () => process.exit(0));
