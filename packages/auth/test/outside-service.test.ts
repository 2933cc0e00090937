import { createServer, type Server } from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createIdentityClient } from '@nefos/client';
import express from 'express';
import supertest from 'supertest';
import { createTokenVerifier, requireToken } from '../src/index.js';

/** The README's service, against an identity over real sockets that can be slow, dead, or back. */
type Mood = 'well' | 'slow' | 'silent' | 'broken';
let mood: Mood;
let identity: Server;
let port: number;
let live: Set<string>;
let requestIds: unknown[];
const listen = (at = 0): Promise<void> =>
  new Promise((resolve) => {
    identity.listen(at, '127.0.0.1', resolve);
  });
const stop = (): Promise<void> =>
  new Promise((resolve) => {
    identity.close(() => resolve());
    identity.closeAllConnections();
  });
beforeEach(async () => {
  mood = 'well';
  live = new Set(['good']);
  requestIds = [];
  identity = createServer((req, res) => {
    const say = (status: number, body: unknown): void => {
      res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
    };
    requestIds.push(req.headers['x-request-id']);
    const subject = String(req.headers['x-subject-token']);
    const answer = (): void => {
      const more = {
        ...(subject === 'reading' && { read_only: true }),
        ...(subject === 'limited' && { application_credential: { id: '1', name: 'c', restricted: true } }),
      };
      if (live.has(subject))
        say(200, {
          token: {
            expires_at: null,
            audit_ids: [`audit-${subject}`],
            user: { id: subject, name: subject },
            roles: [],
            ...more,
          },
        });
      else say(404, { error: { code: 404, title: 'Not Found', message: '' } });
    };
    if (mood === 'silent') return;
    if (mood === 'broken') say(500, {});
    else if (mood === 'slow') setTimeout(answer, 150);
    else answer();
  });
  await listen();
  ({ port } = identity.address() as AddressInfo);
});
afterEach(stop);

const service = (more: { graceSeconds?: number } = {}) => {
  const client = createIdentityClient({ baseURL: `http://127.0.0.1:${port}`, serviceToken: 'service' });
  const verifier = createTokenVerifier({
    validate: client.validateToken,
    positiveSeconds: 0.05,
    negativeSeconds: 0.01,
    timeoutMs: 300,
    slowMs: 50,
    circuit: { probeMs: 100 },
    ...more,
  });
  const app = express();
  app.use(requireToken({ verifier, accept: ['x-auth-token', 'bearer'] }));
  app.all('/whoami', (req, res) => {
    res.json(req.principal);
  });
  return {
    verifier,
    app,
    get: (token?: string) => {
      const req = supertest(app).get('/whoami');
      return token === undefined ? req : req.set('X-Auth-Token', token);
    },
  };
};
const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

it('200: a good token; the handler knows who calls', async () => {
  expect((await service().get('good').expect(200)).body).toMatchObject({
    kind: 'user',
    uuid: 'good',
    auditId: 'audit-good',
    via: 'x-auth-token',
  });
});
it('403: a token that may only read changes nothing', async () => {
  live.add('reading');
  const { app, get } = service();
  expect((await get('reading').expect(200)).body).toMatchObject({ uuid: 'reading', readOnly: true });
  live.add('limited');
  expect((await get('limited').expect(200)).body).toMatchObject({ uuid: 'limited', restricted: true });
  for (const method of ['post', 'put', 'patch', 'delete'] as const) {
    await supertest(app)[method]('/whoami').set('X-Auth-Token', 'reading').expect(403);
    await supertest(app)[method]('/whoami').set('X-Auth-Token', 'good').expect(200);
  }
});
it('the id of the request that makes identity be asked goes with the question; an odd one does not', async () => {
  const { get } = service();
  await get('good').set('X-Request-Id', 'req-7b2d5c1e').expect(200);
  await get('bad').set('X-Request-Id', 'a b').expect(401);
  expect(requestIds).toEqual(['req-7b2d5c1e', undefined]);
});
it('401: none, bad, malformed, each with a challenge', async () => {
  const { get } = service();
  for (const token of [undefined, 'bad', 'two words']) {
    const res = await get(token).expect(401);
    expect(res.headers['www-authenticate']).toMatch(/^Bearer/);
    expect(res.body).toMatchObject({ error: { code: 401 } });
  }
});
it.each<[Mood | 'dead', number]>([
  ['dead', 200],
  ['silent', 600],
  ['broken', 200],
])(
  'identity %s: a known token passes, an unknown one gets 503 and Retry-After, and all is well when it is back',
  async (what, patience) => {
    const { get } = service();
    await get('good').expect(200);
    await pause(60);
    if (what === 'dead') await stop();
    else mood = what;
    for (let i = 0; i < 5; i += 1) {
      const unknown = await get(`unknown-${i}`).expect(503);
      expect(Number(unknown.headers['retry-after'])).toBeGreaterThanOrEqual(1);
      const started = Date.now();
      await get('good').expect(200);
      expect(Date.now() - started).toBeLessThan(patience);
    }
    if (what === 'dead') await listen(port);
    else mood = 'well';
    live.add('fresh');
    await pause(150);
    await get('good').expect(200);
    await pause(150);
    await get('fresh').expect(200);
    await get('bad').expect(401);
  },
);
it('identity slow: a known token does not wait for it, and a revocation is still seen', async () => {
  const { get } = service();
  await get('good').expect(200);
  mood = 'slow';
  await pause(60);
  const started = Date.now();
  await get('good').expect(200);
  expect(Date.now() - started).toBeLessThan(140);
  live.delete('good');
  await pause(200);
  await get('good');
  await pause(200);
  await get('good').expect(401);
});
it('identity that accepts connections and closes them: 503', async () => {
  await stop();
  const cutter = net.createServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => {
    cutter.listen(port, '127.0.0.1', resolve);
  });
  await service().get('good').expect(503);
  await new Promise((resolve) => {
    cutter.close(resolve);
  });
});
it('503: past the grace nobody passes', async () => {
  const { get } = service({ graceSeconds: 0.2 });
  await get('good').expect(200);
  await stop();
  await pause(250);
  await get('good').expect(503);
});
