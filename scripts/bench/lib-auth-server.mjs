// @ts-check
// The server under test of auth.mjs: one endpoint, once public and once behind the token middleware, on the kit's fast
// server. `plain`: bare Express handlers, where the middleware weighs most; `kit`: what a service of ours does for
// every request.
import { createAuthenticator, createTokenVerifier, requireToken } from '@nefos/auth';
import { createIdentityClient } from '@nefos/client';
import {
  createApp,
  createFastServer,
  createMetrics,
  endpointFor,
  mountEndpoints,
  observeRequests,
  requestContexts,
} from '@nefos/service-kit';
import { portOf } from '../lib/free-port.mjs';

const verifier = createTokenVerifier({
  validate: createIdentityClient({ baseURL: process.argv[2] ?? '', serviceToken: 'bench-service-token' }).validateToken,
});
/** @type {import('@nefos/auth').CredentialKind[]} */
const accept = ['x-auth-token', 'token'];
const authenticate = createAuthenticator({ verifier, accept });
const answer = {
  count: 1,
  next: null,
  previous: null,
  objects: [{ id: 'Region1', enabled: true, enable_volumes: true, description: '', enable_snapshots: true }],
  totalCount: 1,
  pageNo: 1,
};
/** @param {import('node:http').ServerResponse} res @param {number} status @param {string} body */
const write = (res, status, body) => {
  res.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }).end(body);
};

const app = createApp();
/** @param {unknown} _req @param {import('express').Response} res */
const plain = (_req, res) => write(res, 200, JSON.stringify(answer));
app.get('/plain/open', plain);
app.get('/plain/closed', requireToken({ verifier, accept }), plain);

const metrics = createMetrics('bench', false);
// No endpoint here asks for the rest of a context.
const contextOf = requestContexts(
  /** @type {import('@nefos/service-kit').Ctx} */
  (/** @type {unknown} */ ({ metrics, checkResponses: false })),
);
observeRequests(app, metrics, []);
/** @param {string} path @param {'public' | 'staff'} access */
const endpoint = (path, access) =>
  endpointFor()({ method: 'get', path, access, status: 200, summary: '', source: '' }, async () => answer);
mountEndpoints(
  app,
  [endpoint('/kit/open', 'public'), endpoint('/kit/closed', 'staff')],
  {
    order: 'authentication-first',
    authenticate: async (_ctx, req, _res, contract) => (contract.access === 'public' ? null : authenticate(req)),
    readBody: async () => undefined,
    send: (_req, res, reply) => write(res, reply.status, JSON.stringify(reply.body)),
    fault: (_req, res, fault) => write(res, 500, JSON.stringify({ fault: fault.code })),
  },
  contextOf,
);

const server = createFastServer(app);
server.listen(0, '127.0.0.1', () => process.send?.({ port: portOf(server).port }));
process.on('message', () => process.send?.({ cpu: process.cpuUsage(), stats: verifier.stats() }));
process.on('disconnect', () => process.exit(0));
