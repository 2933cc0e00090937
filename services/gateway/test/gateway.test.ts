import http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { rawHttp } from '@nefos/testing';
import { readGatewayConfig } from '../src/config.js';
import { DOCUMENTS } from '../src/documents.js';
import { routeOf } from '../src/routes.js';
import { start } from '../src/start.js';

type Received = { method: string; url: string; headers: http.IncomingHttpHeaders; body: string };
/** A real HTTP server in place of a service: keeps what it received in `calls`, and answers by `answer`. */
const upstream = async (answer: (req: http.IncomingMessage, res: http.ServerResponse, received: Received) => void) => {
  const calls: Received[] = [];
  const server = http.createServer((req, res) => {
    const received = { method: req.method ?? '', url: req.url ?? '', headers: req.headers, body: '' };
    calls.push(received);
    if (req.url?.includes('early')) {
      answer(req, res, received);
      return;
    }
    req.on('data', (part: Buffer) => {
      received.body += part.toString();
    });
    req.on('end', () => answer(req, res, received));
    req.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    calls,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
};
const raw = (port: number, message: string): Promise<string> =>
  rawHttp(port, message, { seconds: 3 }).then(({ text }) => text);

const INSPECTOR = 'x-openstack-ironic-inspector-api';

describe('routing', () => {
  it.each([
    ['/identity/v2.0/tokens', 'identity'],
    ['/identity', 'identity'],
    ['/account/v1.0/authenticate', 'identity'],
    ['/ui/get_menu', 'identity'],
    ['/feedback', 'identity'],
    ['/service/api/user_catalogs', 'identity'],
    ['/staffapi/clients', 'compute'],
    ['/api/clients', 'compute'],
    ['/backend/staffapi/clients', 'compute'],
    ['/api', 'compute'],
    ['/api/v2x', 'compute'],
    ['/v2/accounts/', 'metering'],
    ['/api/v2/accounts/', 'metering'],
    ['/api/cloudigrade/v2/accounts/', 'metering'],
    ['/v1', 'introspection'],
    ['/v1/nothing/of/that/name', 'introspection'],
    ['/baremetal/v1/nodes', 'introspection'],
    ['/v1.0', undefined],
    ['/api/v0/hosts', undefined],
    ['/internal/v1/events', undefined],
    ['/metrics', undefined],
    ['/identityx', undefined],
    ['/service', undefined],
  ])('%s belongs to %s', (path, service) => {
    expect(routeOf(path)).toBe(service);
  });
});

describe('streams of events', () => {
  const open = async () => {
    let gone = 0;
    const service = await upstream((_req, res) => {
      res.writeHead(200, { 'Content-Type': 'text/event-stream', 'X-Accel-Buffering': 'no' });
      const timer = setInterval(() => res.write('data: 1\n\n'), 20);
      res.on('close', () => {
        clearInterval(timer);
        gone += 1;
      });
    });
    const { port, stop } = await start(
      readGatewayConfig({
        NEFOS_GATEWAY_PORT: '0',
        NEFOS_COMPUTE_URL: service.url,
        NEFOS_GATEWAY_UPSTREAM_SECONDS: '1',
        NEFOS_LOG_LEVEL: 'silent',
      }),
    );
    let text = '';
    const ended = new Promise<void>((resolve) => {
      http
        .get({ port, host: '127.0.0.1', path: '/api/events', agent: false }, (res) => {
          res.setEncoding('utf8').on('data', (part: string) => {
            text += part;
            if (part.includes('leave')) res.destroy();
          });
          res.on('close', resolve);
        })
        .on('error', () => resolve());
    });
    return { port, stop, service, ended, text: () => text, gone: () => gone };
  };
  const until = async (found: () => boolean): Promise<void> => {
    for (const end = Date.now() + 5000; !found(); await new Promise((resolve) => setTimeout(resolve, 10)))
      if (Date.now() > end) throw new Error('it did not come true');
  };

  it('200: come piece by piece, for longer than a service may take to answer, and end when the gateway stops', async () => {
    const one = await open();
    await new Promise((resolve) => setTimeout(resolve, 1500));
    const pieces = one.text().length;
    expect(pieces).toBeGreaterThan(200);
    await until(() => one.text().length > pieces);
    const began = Date.now();
    await one.stop();
    expect(Date.now() - began).toBeLessThan(2000);
    await one.ended;
    await until(() => one.gone() === 1);
    one.service.close();
  });
  it('end at the service when the client ends its side', async () => {
    const one = await open();
    const socket = net.connect(one.port, '127.0.0.1', () => {
      socket.write('GET /api/events HTTP/1.1\r\nHost: x\r\n\r\n');
      socket.once('data', () => socket.end());
    });
    await until(() => one.gone() === 1);
    await one.stop();
    one.service.close();
  });
});

describe('gateway', () => {
  let port: number;
  let stop: () => Promise<void>;
  let identity: Awaited<ReturnType<typeof upstream>>;
  let compute: typeof identity;
  let ready = 200;
  const send = (
    method: string,
    path: string,
    { headers = {}, body }: { headers?: Record<string, string>; body?: string } = {},
  ) =>
    new Promise<{ status: number; headers: http.IncomingHttpHeaders; text: string }>((resolve, reject) => {
      const req = http.request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (res) => {
        let text = '';
        res.on('data', (p: Buffer) => {
          text += p.toString();
        });
        res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, text }));
      });
      req.on('error', reject);
      if (body !== undefined) req.write(body);
      req.end();
    });
  beforeAll(async () => {
    identity = await upstream((req, res) => {
      res
        .writeHead(req.url === '/readyz' ? ready : 200, { 'X-Mixed-Case': 'kept', Connection: 'close' })
        .end('{"who":"identity"}');
    });
    compute = await upstream((req, res) => {
      if (req.url?.includes('break')) {
        req.socket.destroy();
        return;
      }
      res.writeHead(200, { 'Content-Type': 'application/json' }).end('{"who":"compute"}');
    });
    ({ port, stop } = await start(
      readGatewayConfig({
        NEFOS_LOG_LEVEL: 'silent',
        NEFOS_GATEWAY_PORT: '0',
        NEFOS_IDENTITY_URL: identity.url,
        NEFOS_COMPUTE_URL: compute.url,
        NEFOS_METERING_URL: 'http://127.0.0.1:1',
        NEFOS_INTROSPECTION_URL: 'http://127.0.0.1:1',
        NEFOS_GATEWAY_BODY_LIMIT: '2048',
        NEFOS_DRAIN_SECONDS: '0',
      }),
    ));
  });
  afterAll(async () => {
    await stop();
    identity.close();
    compute.close();
  });

  it('200: hands on method, path, query, body and headers, and gives the request an id', async () => {
    const res = await send('PATCH', '/staffapi/clients/1?a=b&?', {
      headers: { 'Content-Type': 'application/json', 'Content-Length': '2', Authorization: 'Token x' },
      body: '{}',
    });
    const received = compute.calls.at(-1)!;
    expect([res.status, res.text]).toEqual([200, '{"who":"compute"}']);
    expect([
      received.method,
      received.url,
      received.body,
      received.headers.authorization,
      received.headers['x-forwarded-for'],
    ]).toEqual(['PATCH', '/staffapi/clients/1?a=b&?', '{}', 'Token x', '127.0.0.1']);
    expect(received.headers['x-request-id']).toMatch(/^req-[0-9a-f-]{36}$/);
  });
  it("200: answer headers keep their spelling; the service's own connection headers do not leak", async () => {
    const text = await raw(port, 'GET /identity HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(text).toContain('X-Mixed-Case: kept');
    expect(text).toMatch(/Connection: keep-alive/);
    expect(text).toMatch(/Keep-Alive: timeout=7[5-9]/);
  });
  it('a POST without a body arrives without one', async () => {
    await raw(port, 'POST /identity/v2.0/tokens HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    expect(identity.calls.at(-1)!.headers['transfer-encoding']).toBeUndefined();
    expect(identity.calls.at(-1)!.headers['content-length'] ?? '0').toBe('0');
  });
  it('an early answer is not held back by a body that never comes, and ends the connection', async () => {
    const text = await raw(port, 'POST /staffapi/early HTTP/1.1\r\nHost: x\r\nContent-Length: 57\r\n\r\n');
    expect(text).toMatch(/^HTTP\/1\.1 200/);
    expect(text).toMatch(/Connection: close/i);
  });
  it('413: a body above the limit, announced or chunked, in the dialect of the service', async () => {
    const big = 'x'.repeat(3000);
    const announced = await send('POST', '/identity/v2.0/tokens', { headers: { 'Content-Length': '3000' }, body: big });
    expect([announced.status, Object.keys(JSON.parse(announced.text))]).toEqual([
      413,
      ['requestEntityTooLarge', 'error'],
    ]);
    const chunked = await send('POST', '/staffapi/clients', { headers: { 'Transfer-Encoding': 'chunked' }, body: big });
    expect([chunked.status, Object.keys(JSON.parse(chunked.text))]).toEqual([413, ['detail']]);
  });
  it('413: reports of machines have a limit of their own, refused in the form of their API', async () => {
    const headers = { 'Content-Length': '40000000' };
    const refused = await send('POST', '/v1/continue', { headers, body: '' });
    expect([refused.status, JSON.parse(refused.text), refused.headers[`${INSPECTOR}-minimum-version`]]).toEqual([
      413,
      { error: { message: 'The request body is larger than 33554432 bytes.' } },
      '1.0',
    ]);
    const rule = await send('POST', '/v1/rules', { headers: { 'Content-Length': '3000' }, body: 'x'.repeat(3000) });
    expect(rule.text).toBe('{"error":{"message":"The request body is larger than 2048 bytes."}}');
    // It is let through, and the service is not there.
    const report = await send('POST', '/v1/continue/', {
      headers: { 'Content-Length': '3000' },
      body: 'x'.repeat(3000),
    });
    expect([report.status, report.headers[`${INSPECTOR}-maximum-version`]]).toEqual([503, '1.18']);
    const node = await send('GET', '/baremetal/v1/nodes');
    expect([node.status, JSON.parse((JSON.parse(node.text) as { error_message: string }).error_message)]).toEqual([
      503,
      {
        faultcode: 'Server',
        faultstring: 'The introspection service is not available; try again in a moment.',
        debuginfo: null,
      },
    ]);
  });
  it('503 with Retry-After: a service that is down; 502: one that breaks off', async () => {
    const down = await send('GET', '/v2/accounts/');
    expect([down.status, down.headers['retry-after'], Object.keys(JSON.parse(down.text))]).toEqual([
      503,
      '1',
      ['detail'],
    ]);
    const broken = await send('GET', '/staffapi/break');
    expect([broken.status, broken.headers['x-error-code']]).toEqual([502, 'internal']);
  });
  it('404: what nobody owns, and everything internal', async () => {
    for (const path of ['/nothing', '/internal/v1/events', '/readyz', '/metrics', '/api/v0/hosts'])
      expect((await send('GET', path)).status).toBe(404);
  });
  it('400: a message that is no HTTP, 431: headers of 10 MB', async () => {
    expect(await raw(port, 'nonsense\r\n\r\n')).toMatch(/^HTTP\/1\.1 400[^]*{"detail":"Bad request."}$/);
    expect(await raw(port, `GET /identity HTTP/1.1\r\nHost: x\r\nX-Big: ${'a'.repeat(100_000)}\r\n\r\n`)).toMatch(
      /^HTTP\/1\.1 431/,
    );
  });
  it('X-RH-IDENTITY and X-Forwarded-For of a stranger end here', async () => {
    const strict = await start(
      readGatewayConfig({
        NEFOS_LOG_LEVEL: 'silent',
        NEFOS_GATEWAY_PORT: '0',
        NEFOS_IDENTITY_URL: identity.url,
        NEFOS_COMPUTE_URL: compute.url,
        NEFOS_GATEWAY_TRUSTED_PEERS: '10.0.0.0/8',
        NEFOS_DRAIN_SECONDS: '0',
      }),
    );
    await raw(
      strict.port,
      'GET /api/x HTTP/1.1\r\nHost: x\r\nX-RH-IDENTITY: abc\r\nX-Forwarded-For: 1.2.3.4\r\nConnection: close\r\n\r\n',
    );
    expect([compute.calls.at(-1)!.headers['x-rh-identity'], compute.calls.at(-1)!.headers['x-forwarded-for']]).toEqual([
      undefined,
      '127.0.0.1',
    ]);
    await strict.stop();
    await send('GET', '/api/x', { headers: { 'X-RH-IDENTITY': 'abc', 'X-Forwarded-For': '1.2.3.4' } });
    expect([compute.calls.at(-1)!.headers['x-rh-identity'], compute.calls.at(-1)!.headers['x-forwarded-for']]).toEqual([
      'abc',
      '1.2.3.4, 127.0.0.1',
    ]);
  });
  it('no Connection header makes a body arrive as a request of its own', async () => {
    const hidden = 'POST /internal/v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n';
    for (const named of ['content-length', 'transfer-encoding', 'content-length, host']) {
      const before = compute.calls.length;
      await raw(
        port,
        `GET /api/x HTTP/1.1\r\nHost: x\r\nConnection: close, ${named}\r\n` +
          `Content-Length: ${hidden.length}\r\n\r\n${hidden}`,
      );
      await new Promise((r) => setTimeout(r, 100));
      expect(compute.calls.slice(before).map((c) => [c.method, c.url, c.body])).toEqual([['GET', '/api/x', hidden]]);
    }
  });
  it('/openapi says where the documents of the services are', async () => {
    const res = await send('GET', '/openapi');
    expect([res.status, Object.keys(JSON.parse(res.text) as object)]).toEqual([200, DOCUMENTS.map(({ name }) => name)]);
  });
  it('healthz is 200 only when every service is ready', async () => {
    ready = 503;
    const res = await send('GET', '/healthz');
    const body = JSON.parse(res.text);
    expect([res.status, body.services]).toEqual([
      503,
      { identity: 'not ready', compute: 'ok', metering: 'down', introspection: 'down' },
    ]);
    ready = 200;
  });
});
