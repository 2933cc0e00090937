import http from 'node:http';
import net from 'node:net';
import { createApp, createFastServer, drain, listen, UPLOAD_PACE } from '@nefos/service-kit';
import { readGatewayConfig } from '../src/config.js';
import { isUpload } from '../src/routes.js';
import { start } from '../src/start.js';

const ID = 'b8e54aa5-eca9-454a-adaf-00fbc659755e';
const FILE = `/api/openstack/images/${ID}/file`;

describe('which requests are uploads', () => {
  it.each([
    ['PUT', FILE],
    ['PUT', `${FILE}/`],
    ['PUT', `/staffapi/openstack/images/${ID}/file`],
    ['PUT', `/backend/staffapi/openstack/images/${ID}/file`],
  ])('%s %s is one', (method, path) => expect(isUpload(method, path)).toBe(true));
  it.each([
    ['POST', FILE],
    ['GET', FILE],
    ['PUT', `/api/openstack/images/${ID}`],
    ['PUT', `/api/openstack/images/${ID}/files`],
    ['PUT', `/api/openstack/images/${ID}/x/file`],
    ['PUT', '/api/openstack/images//file'],
    ['PUT', `/api/openstack/instances/${ID}/file`],
    ['PUT', `/v2/openstack/images/${ID}/file`],
    ['PUT', `/x${FILE}`],
    ['PUT', `/identity/openstack/images/${ID}/file`],
    ['PUT', `/backend/backend/api/openstack/images/${ID}/file`],
  ])('%s %s is none', (method, path) => expect(isUpload(method, path)).toBe(false));
});

describe('uploads through the gateway', () => {
  let port: number;
  let stop: () => Promise<void>;
  let service: http.Server;
  let received = 0;
  /** How the service takes a body: at once, or slowly and only when it is asked. */
  let take: (req: http.IncomingMessage, res: http.ServerResponse) => void;
  const all = (req: http.IncomingMessage, res: http.ServerResponse): void => {
    req.on('data', (part: Buffer) => {
      received += part.length;
    });
    req.on('end', () => res.end(String(received)));
    req.on('error', () => undefined);
  };
  beforeAll(async () => {
    const app = createApp();
    app.use((req, res) => take(req, res));
    service = createFastServer(app, { requestTimeout: 60_000 });
    const url = `http://127.0.0.1:${await listen(service, 0, '127.0.0.1')}`;
    ({ port, stop } = await start(
      readGatewayConfig({
        NEFOS_LOG_LEVEL: 'silent',
        NEFOS_GATEWAY_PORT: '0',
        NEFOS_IDENTITY_URL: url,
        NEFOS_COMPUTE_URL: url,
        NEFOS_METERING_URL: url,
        NEFOS_INTROSPECTION_URL: url,
        NEFOS_GATEWAY_BODY_LIMIT: '2048',
        NEFOS_DRAIN_SECONDS: '0',
      }),
      { requestTimeout: 700, headersTimeout: 700 },
    ));
  });
  beforeEach(() => {
    received = 0;
    take = all;
  });
  afterAll(async () => {
    await stop();
    await drain(service, 0);
  });
  const open = (path: string, headers: Record<string, string> = {}, method = 'PUT') => {
    const req = http.request({ port, host: '127.0.0.1', method, path, headers, agent: false });
    const answer = new Promise<{ status: number; text: string }>((resolve) => {
      req.on('response', (res) => {
        let text = '';
        res.on('data', (part: Buffer) => {
          text += part.toString();
        });
        res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
      });
      req.on('error', (err) => resolve({ status: 0, text: err.message }));
    });
    return { req, answer };
  };

  it.each([{ 'Content-Length': '100000' }, { 'Transfer-Encoding': 'chunked' }])(
    '200: data above the limit of other bodies passes: %j',
    async (headers: Record<string, string>) => {
      const { req, answer } = open(FILE, headers);
      req.end(Buffer.alloc(100_000));
      expect(await answer).toEqual({ status: 200, text: '100000' });
    },
  );
  it.each([
    ['POST', FILE],
    ['PUT', '/api/openstack/images'],
    ['PUT', `/identity/v2.0/${ID}/file`],
  ])('413: no other request does: %s %s', async (method, path) => {
    for (const name of ['Content-Length', 'Transfer-Encoding']) {
      const { req, answer } = open(path, { [name]: name === 'Content-Length' ? '100000' : 'chunked' }, method);
      req.end(Buffer.alloc(100_000));
      expect((await answer).status).toBe(413);
    }
  });
  it('200: an upload may take longer than a request, and so may one after another on a connection', async () => {
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    try {
      for (const total of [400_000, 800_000]) {
        const req = http.request({ port, host: '127.0.0.1', method: 'PUT', path: FILE, agent });
        const answer = new Promise<string>((resolve, reject) => {
          req.on('response', (res) => res.on('data', (part: Buffer) => resolve(part.toString())));
          req.on('error', reject);
        });
        for (let i = 0; i < 40; i += 1) {
          req.write(Buffer.alloc(10_000));
          await new Promise((resolve) => setTimeout(resolve, 90));
        }
        req.end();
        expect(await answer).toBe(String(total));
      }
    } finally {
      agent.destroy();
    }
  }, 20_000);
  it('408: a body that is no upload still has the time limit, also after an upload on the same connection', async () => {
    const text = await new Promise<string>((resolve) => {
      let all = '';
      const socket = net.connect(port, '127.0.0.1', () => {
        socket.write(`PUT ${FILE} HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\ndata`);
      });
      socket.on('data', (part: Buffer) => {
        if (!all) socket.write('POST /api/x HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\n');
        all += part.toString();
      });
      socket.on('close', () => resolve(all));
      socket.on('error', () => resolve(all));
    });
    expect(text).toMatch(/^HTTP\/1\.1 200 OK[^]*HTTP\/1\.1 408/);
  }, 20_000);
  it('408: an upload that does not go on ends', async () => {
    const pace = { ...UPLOAD_PACE };
    Object.assign(UPLOAD_PACE, { windowSeconds: 0.5 });
    try {
      const { req, answer } = open(FILE, { 'Content-Length': '100000' });
      req.write(Buffer.alloc(5000));
      expect(await answer).toEqual({ status: 408, text: '{"detail":"The upload did not go on."}' });
    } finally {
      Object.assign(UPLOAD_PACE, pace);
    }
  });
  it('a service that takes the data slowly holds the client back: the gateway keeps little of it', async () => {
    take = (req, res) => {
      setTimeout(() => all(req, res), 1500);
    };
    const { req, answer } = open(FILE, { 'Content-Length': String(64 * 1024 * 1024) });
    req.write(Buffer.alloc(64 * 1024 * 1024));
    const before = process.memoryUsage().arrayBuffers;
    await new Promise((resolve) => setTimeout(resolve, 1000));
    // Of the client's 64 MiB most still waits at the client, which is this process, too: nothing is kept twice.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 * 1024 * 1024);
    req.end();
    expect(await answer).toEqual({ status: 200, text: String(64 * 1024 * 1024) });
  }, 20_000);
});
