// @ts-check
// What a benchmark of a service needs: a throw-away PostgreSQL, the built service as a process, a peer that answers for
// identity.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import http from 'node:http';
import path from 'node:path';
import pg from 'pg';
import { freePort, portOf } from '../lib/free-port.mjs';
import { makeDatabases, startThrowAwayPg } from '../local-postgres.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/**
 * Gives `work` a PostgreSQL of its own with an empty database for each name, and a directory; takes both away
 * afterwards.
 * @template T
 * @param {string[]} names
 * @param {(made: { urls: Record<string, string>, dir: string, pid: number }) => Promise<T>} work `urls`: by name;
 *   `pid` of the server
 * @param {{ durable?: boolean }} [options] `durable`: the settings of an installation, so that each commit waits for
 *   the disk
 * @returns {Promise<T>}
 */
export const withDatabases = async (names, work, { durable = false } = {}) => {
  const server = await startThrowAwayPg('bench', { ephemeral: !durable });
  try {
    const urls = await makeDatabases(server, Object.fromEntries(names.map((name) => [name, 'bench'])));
    return await work({ urls, dir: server.dir, pid: server.pid });
  } finally {
    await server.stop();
  }
};
/**
 * @template T
 * @param {string} url @param {(db: pg.Client) => Promise<T>} work
 * @returns {Promise<T>}
 */
export const withClient = async (url, work) => {
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  try {
    return await work(db);
  } finally {
    await db.end();
  }
};

/**
 * What identity answers when a service asks whose token it was shown.
 * @param {{ id: string, name: string, roles?: string[] }} user
 */
export const tokenAnswer = ({ id, name, roles = [] }) =>
  JSON.stringify({
    token: {
      methods: ['token'],
      issued_at: '2026-01-01T00:00:00.000000Z',
      expires_at: null,
      audit_ids: ['bench'],
      user: { id, name, domain: { id: 'default', name: 'Default' } },
      roles: roles.map((role) => ({ id: role, name: role })),
    },
  });
/**
 * A server that stands for the other services.
 * @param {(req: http.IncomingMessage, body: Buffer) => { status?: number, text: string }} answer
 * @returns {Promise<{ url: string, close: () => void }>}
 */
export const startPeer = async (answer) => {
  const server = http.createServer((req, res) => {
    /** @type {Buffer[]} */
    const parts = [];
    req.on('data', (part) => parts.push(part));
    req.on('end', () => {
      const { status = 200, text } = answer(req, Buffer.concat(parts));
      const headers = { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text) };
      res.writeHead(status, headers).end(text);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${portOf(server).port}`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  };
};

/** @typedef {{ port: number, pid: number, stop: () => Promise<void> }} Service */
/**
 * Starts a built service and waits until it listens.
 * @param {string} name @param {Record<string, string>} env its settings besides the port
 * @returns {Promise<Service>}
 */
export const startService = async (name, env) => {
  const port = await freePort();
  const child = spawn(process.execPath, [path.join(root, 'services', name, 'dist/main.js')], {
    env: {
      PATH: process.env.PATH,
      NEFOS_LOG_LEVEL: 'error',
      [`NEFOS_${name.toUpperCase()}_PORT`]: String(port),
      ...env,
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error(`${name} did not start`);
    }),
  ]);
  return { port, pid: child.pid ?? 0, stop: () => stopChild(child) };
};
/**
 * Ends a process of ours: SIGTERM, SIGKILL after five seconds.
 * @param {import('node:child_process').ChildProcess} child
 */
export const stopChild = async (child) => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const hard = setTimeout(() => child.kill('SIGKILL'), 5000);
  await gone;
  clearTimeout(hard);
};

/**
 * @typedef {{ method?: string, path: string, headers?: http.OutgoingHttpHeaders, body?: string | Buffer }} Request
 *   `body` is JSON
 * @typedef {{ status: number, bytes: Buffer, ms: number }} Answer
 */
/**
 * Makes requests over a few kept connections.
 * @param {{ connections: number, timeoutMs?: number }} options
 * @returns {{ ask: (port: number, request: Request) => Promise<Answer>, close: () => void }}
 */
export const createCaller = ({ connections, timeoutMs = 120_000 }) => {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  return {
    ask: (port, { method = 'GET', path: target, headers = {}, body }) =>
      new Promise((resolve, reject) => {
        const sent = {
          ...headers,
          ...(body && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
        };
        const begun = performance.now();
        const req = http.request(
          { port, host: '127.0.0.1', method, path: target, headers: sent, agent, timeout: timeoutMs },
          (res) => {
            /** @type {Buffer[]} */
            const parts = [];
            res.on('data', (part) => parts.push(part));
            res.on('error', reject);
            res.on('end', () =>
              resolve({ status: res.statusCode ?? 0, bytes: Buffer.concat(parts), ms: performance.now() - begun }),
            );
          },
        );
        req.on('timeout', () => req.destroy(new Error(`${target}: no answer`)));
        req.on('error', reject);
        req.end(body);
      }),
    close: () => agent.destroy(),
  };
};
/**
 * The body of a good answer.
 * @param {Answer} answer @param {string} what
 * @returns {Buffer}
 * @throws Error for status 300 and above
 */
export const bodyOf = ({ status, bytes }, what) => {
  if (status >= 300) throw new Error(`${what}: ${status} ${bytes.toString().slice(0, 300)}`);
  return bytes;
};
