import type http from 'node:http';
import net, { type AddressInfo } from 'node:net';
import { createApp, createFastServer, drain, listen, cachedDocument, sendDocument } from '@nefos/service-kit';
import { parseAnswers, rawHttp } from '@nefos/testing';
import { readGatewayConfig } from '../src/config.js';
import { faultBody } from '../src/faults.js';
import { start } from '../src/start.js';

/** A TCP server in place of a service: answers each request with `answer.bytes`, which no HTTP library would write. */
const byteServer = async () => {
  const answer = { bytes: '' };
  const server = net.createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(Buffer.from(answer.bytes, 'latin1')));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return { answer, server, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

it.each([
  [405, 'method_not_allowed'],
  [408, 'parse_error'],
  [414, 'validation'],
])("%i is the request's fault in compute's words: %s", (status, code) => {
  expect(faultBody('compute', '/api/x', status, 'm').headers).toEqual([
    'Content-Type',
    'application/json',
    'X-Error-Code',
    code,
  ]);
});

it.each([
  ['/compute/v2.1/servers', { overLimit: { code: 413, message: 'm' } }],
  ['/volume/v3/volumes', { overLimit: { code: 413, message: 'm' } }],
  ['/image/v2/images', { message: 'm', code: '413 Payload Too Large', title: 'Payload Too Large' }],
  ['/network/v2.0/ports', { NeutronError: { type: 'HTTPError', message: 'm', detail: '' } }],
  ['/computer', { detail: 'm' }],
])('a refusal by the gateway has the form of the API: %s', (path, body) => {
  expect(JSON.parse(faultBody('compute', path, 413, 'm').body)).toEqual(body);
});

describe('strange messages at the gateway', () => {
  let port: number;
  let stop: () => Promise<void>;
  let service: http.Server;
  let bytesService: Awaited<ReturnType<typeof byteServer>>;
  const received: { method: string; url: string; raw: string[]; headers: http.IncomingHttpHeaders; body: string }[] =
    [];
  let version = 'one';
  let askedEtags: (string | undefined)[] = [];
  beforeAll(async () => {
    const app = createApp();
    app.get('/openapi.json', (req, res) => {
      askedEtags.push(req.headers['if-none-match']);
      sendDocument(req, res, cachedDocument(Buffer.from(JSON.stringify({ version }))));
    });
    app.use((req, res) => {
      const one = { method: req.method, url: req.url, raw: req.rawHeaders, headers: req.headers, body: '' };
      received.push(one);
      if (req.url === '/api/silent') return;
      req.on('data', (part: Buffer) => {
        one.body += part.toString();
      });
      req.on('end', () => {
        if (!res.headersSent) res.json({ url: req.url });
      });
    });
    service = createFastServer(app);
    bytesService = await byteServer();
    const url = `http://127.0.0.1:${await listen(service, 0, '127.0.0.1')}`;
    ({ port, stop } = await start(
      readGatewayConfig({
        NEFOS_LOG_LEVEL: 'silent',
        NEFOS_GATEWAY_PORT: '0',
        NEFOS_IDENTITY_URL: url,
        NEFOS_COMPUTE_URL: url,
        NEFOS_METERING_URL: bytesService.url,
        NEFOS_INTROSPECTION_URL: bytesService.url,
        NEFOS_GATEWAY_UPSTREAM_SECONDS: '1',
        NEFOS_DRAIN_SECONDS: '0',
      }),
      { requestTimeout: 3000, headersTimeout: 3000 },
    ));
  });
  afterAll(async () => {
    await stop();
    await drain(service, 0);
    bytesService.server.close();
  });
  const expectAlive = async () =>
    expect((await rawHttp(port, 'GET /identity HTTP/1.1\r\nHost: x\r\n\r\n')).answers[0]?.status).toBe(200);

  it.each([
    ['/identity', 'Host: x\r\nHost: y', '"badRequest"'],
    ['/identity/v3/auth/tokens', 'Host: x\r\nHost: x', '"error"'],
    ['/staffapi/clients', 'Host: x\r\nhost: x', '"detail"'],
    ['/v2/accounts/', 'Host: x\r\nHost: x', '"detail"'],
    ['/nothing', 'Host: x\r\nHost: x', '"detail"'],
    ['/identity', 'Host: x\r\nX-Auth-Token: a\r\nX-Auth-Token: b', '"badRequest"'],
    ['/staffapi/clients', 'Host: x\r\nAuthorization: Token a\r\nAuthorization: Token b', '"detail"'],
    ['/v2/accounts/', 'Host: x\r\nX-RH-IDENTITY: a\r\nX-RH-IDENTITY: b', '"detail"'],
    ['/identity', 'Accept: */*', '"badRequest"'],
  ])('400 in the words of the service, and the gateway goes on: %s with %j', async (path, headers, words) => {
    const before = received.length;
    const { answers, closed } = await rawHttp(port, `GET ${path} HTTP/1.1\r\n${headers}\r\n\r\n`, {
      answers: Infinity,
    });
    expect([answers.map((a) => a.status), closed, received.length]).toEqual([[400], true, before]);
    expect(answers[0]?.body).toContain(words);
    await expectAlive();
  });
  it.each([
    ['HTTP/1.0 without Host', 'GET /identity/v2.0/x?y=z HTTP/1.0\r\n\r\n', '/identity/v2.0/x?y=z'],
    [
      'the absolute form in HTTP/1.0 without Host',
      'GET http://gateway:1/identity/v2.0/x?y=z HTTP/1.0\r\n\r\n',
      '/identity/v2.0/x?y=z',
    ],
    [
      'the absolute form',
      `GET http://gateway:1/identity/v2.0/x?y=z HTTP/1.1\r\nHost: gateway:1\r\nConnection: close\r\n\r\n`,
      '/identity/v2.0/x?y=z',
    ],
    [
      'an upgrade that is not taken',
      'GET /api/x HTTP/1.1\r\nHost: x\r\nConnection: close, upgrade\r\nUpgrade: websocket\r\n\r\n',
      '/api/x',
    ],
    [
      'a header called __proto__',
      'GET /api/x HTTP/1.1\r\nHost: x\r\n__proto__: a\r\nconstructor: b\r\nConnection: close\r\n\r\n',
      '/api/x',
    ],
  ])('200: %s', async (_name, message, url) => {
    const { answers } = await rawHttp(port, message, { answers: Infinity });
    expect(answers.map((a) => [a.status, a.body])).toEqual([[200, JSON.stringify({ url })]]);
    expect(received.at(-1)?.headers.host).toBeTruthy();
  });
  it.each([
    ['the client ends its side', true, 400],
    ['the client goes on waiting', false, 408],
  ])(
    'an offer to upgrade with half a body is answered, and both connections end: %s',
    async (_name, end, status) => {
      const text = await new Promise<string>((resolve) => {
        let got = '';
        const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
        const late = setTimeout(() => socket.destroy(), 9000);
        socket.on('data', (part) => (got += part.toString()));
        socket.on('error', () => undefined);
        for (const event of ['end', 'close'])
          socket.on(event, () => {
            clearTimeout(late);
            socket.destroy();
            resolve(got);
          });
        socket.write(
          'POST /identity/v2.0/tokens HTTP/1.1\r\nHost: x\r\nConnection: upgrade\r\nUpgrade: x\r\n' +
            'Content-Length: 100\r\n\r\nx',
        );
        if (end) setTimeout(() => socket.end(), 100);
      });
      expect(parseAnswers(text).answers.map((a) => a.status)).toEqual([status]);
      const busy = (): Promise<number> =>
        new Promise((resolve) => service.getConnections((_err, count) => resolve(count)));
      for (const until = Date.now() + 5000; Date.now() < until && (await busy()) > 0; service.closeIdleConnections())
        await new Promise((r) => setTimeout(r, 50));
      expect(await busy()).toBe(0);
      await expectAlive();
    },
    20_000,
  );
  it.each([
    ['CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\n\r\n', 405],
    ['OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 204],
    ['GET /identity HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n', 417],
    ['POST /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 405],
    ['TRACE /api/x HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 200], // the service decides
    ['GET //identity HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 404],
    ['GET http:///identity HTTP/1.1\r\nHost: x\r\n\r\n', 400],
  ])('%j is answered, once, with %i', async (message, status) => {
    const { answers, rest, closed } = await rawHttp(port, message, { answers: Infinity });
    expect([answers.map((a) => a.status), rest, closed]).toEqual([[status], '', true]);
  });
  it.each([
    ['/identity/v3/users/', { error: { code: 414 } }, null],
    ['/account/v1.0/projects/', { badRequest: { code: 414 } }, null],
    ['/api/clients/', { detail: 'The path is too long.' }, 'validation'],
    ['/v2/accounts/', { detail: 'The path is too long.' }, null],
  ])(
    '414: a path of more than 4096 characters, in the words of the service that was meant: %s',
    async (prefix, body, code) => {
      const res = await fetch(`http://127.0.0.1:${port}${prefix}${'x'.repeat(5000)}`);
      expect([res.status, res.headers.get('x-error-code')]).toEqual([414, code]);
      expect(await res.json()).toMatchObject(body);
    },
  );
  it.each([
    [414, 'validation', `GET /api/${'x'.repeat(5000)} HTTP/1.1\r\nHost: x\r\n\r\n`],
    [417, 'validation', 'GET /api/x HTTP/1.1\r\nHost: x\r\nExpect: more\r\n\r\n'],
    [400, 'parse_error', 'GET /api/x HTTP/1.1\r\n\r\n'],
  ])('compute is answered for with a code that fits: %i %s', async (status, code, message) => {
    const { answers } = await rawHttp(port, message, { answers: Infinity });
    expect(answers.map((a) => [a.status, a.headers['x-error-code']])).toEqual([[status, code]]);
  });
  it('what only looks like one header passes as it is, and no two lengths reach a service', async () => {
    await rawHttp(
      port,
      'POST /api/x HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\n' +
        'Cookie: a=1\r\nCookie: b=2\r\n' +
        'Transfer-Encoding: CHUNKED\r\n\r\n2\r\nab\r\n0\r\n\r\n',
    );
    const { headers, raw, body } = received.at(-1)!;
    expect([
      headers['x-forwarded-for'],
      headers.cookie,
      headers['content-length'],
      headers['transfer-encoding'],
      body,
    ]).toEqual(['1.1.1.1, 2.2.2.2, 127.0.0.1', 'a=1; b=2', undefined, 'chunked', 'ab']);
    expect(raw.filter((one) => /^(host|x-request-id|transfer-encoding)$/i.test(one))).toHaveLength(3);
  });

  it('408 and the end, nothing else: a body that comes drop by drop', async () => {
    const head = 'POST /identity/v2.0/tokens HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n';
    const { answers, rest, closed } = await rawHttp(port, [head, ...Array.from({ length: 30 }, () => 'x')], {
      answers: Infinity,
      pause: 400,
      seconds: 15,
    });
    expect([answers.map((a) => a.status), rest, closed]).toEqual([[408], '', true]);
  }, 40_000);
  it('a client that has ended its side gets its answers: from a service, from the gateway, and a refusal', async () => {
    const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`;
    const text = await new Promise<string>((resolve) => {
      let got = '';
      const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () =>
        socket.end(ask('/identity/half') + ask('/') + ask('/api/silent')),
      );
      socket.on('data', (part) => (got += part.toString()));
      socket.on('error', () => undefined);
      socket.on('end', () => resolve(got));
    });
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 200', 'HTTP/1.1 200', 'HTTP/1.1 504']);
    expect(text).toContain('{"url":"/identity/half"}');
  });
  it('an offer to change the protocol: the answer, without the change, and the end', async () => {
    const offer =
      'GET /identity/offer HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, HTTP2-Settings\r\n' +
      'Upgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n';
    const { answers, closed } = await rawHttp(port, `${offer}GET /identity HTTP/1.1\r\nHost: x\r\n\r\n`, {
      answers: Infinity,
      seconds: 5,
    });
    expect([answers.map((a) => [a.status, a.headers.connection, a.body]), closed]).toEqual([
      [[200, 'close', '{"url":"/identity/offer"}']],
      true,
    ]);
  });
  it('504: a service that is silent though it has the whole request', async () => {
    const message = 'POST /api/silent HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nConnection: close\r\n\r\nab';
    const { answers, closed } = await rawHttp(port, message, { answers: Infinity });
    expect([answers.map((a) => [a.status, a.headers['x-error-code']]), closed]).toEqual([
      [[504, 'driver_timeout']],
      true,
    ]);
  });

  it.each([
    ['a status below 100', 'HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n'],
    ['a status above 599', 'HTTP/1.1 999 X\r\nContent-Length: 0\r\n\r\n'],
    ['another protocol', 'HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n'],
    ['interim answers only', 'HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n'],
    ['a header with a control character', 'HTTP/1.1 200 OK\r\nX-Bad: a\x01b\r\nContent-Length: 0\r\n\r\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: b\r\nContent-Length: 0\r\n\r\n'],
    ['a header with a blank in its name', 'HTTP/1.1 200 OK\r\nA b: c\r\nContent-Length: 0\r\n\r\n'],
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'length and chunks',
      'HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n',
    ],
    ['headers without end', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(100_000)}`],
    ['no HTTP', 'hello\r\n\r\n'],
    ['nothing', ''],
  ])('a service that answers with %s costs one answer, not the gateway', async (_name, bytes) => {
    bytesService.answer.bytes = bytes;
    const { answers } = await rawHttp(port, 'GET /v2/accounts/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', {
      answers: Infinity,
    });
    expect(answers).toHaveLength(1);
    expect([502, 999]).toContain(answers[0]?.status);
    await expectAlive();
  });
  it.each([
    ['a body that is too short', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nab'],
    ['a broken chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ])('a service that breaks off %s ends that connection only', async (_name, bytes) => {
    bytesService.answer.bytes = bytes;
    const { closed, answers } = await rawHttp(port, 'GET /v2/accounts/ HTTP/1.1\r\nHost: x\r\n\r\n', {
      answers: Infinity,
    });
    expect([closed, answers.length]).toEqual([true, 0]);
    await expectAlive();
  });

  describe('OpenAPI documents', () => {
    const document = async (more = '', method = 'GET') =>
      (
        await rawHttp(port, `${method} /openapi/compute.json HTTP/1.1\r\nHost: x\r\n${more}\r\n`, {
          bodiless: method === 'HEAD',
        })
      ).answers[0]!;
    it('are asked for once and served from memory with an ETag; 304 for who has them', async () => {
      askedEtags = [];
      const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => document()));
      expect([first!.status, first!.body]).toEqual([200, '{"version":"one"}']);
      expect(others.every((one) => one.body === first!.body && one.headers.etag === first!.headers.etag)).toBe(true);
      expect(askedEtags).toEqual([undefined]);
      const again = await document(`If-None-Match: "x", ${first!.headers.etag}\r\n`);
      expect([again.status, again.body, again.headers.etag]).toEqual([304, '', first!.headers.etag]);
      expect((await document('', 'HEAD')).headers['content-length']).toBe('17');
    });
    it('are asked for anew by their tag after a while, and a new version is seen', async () => {
      const { etag } = (await document()).headers;
      version = 'two';
      askedEtags = [];
      let now = await document();
      for (const end = Date.now() + 20_000; Date.now() < end && now.headers.etag === etag; now = await document())
        await new Promise((r) => setTimeout(r, 200));
      expect([now.body, askedEtags]).toEqual(['{"version":"two"}', [etag]]);
    }, 40_000);
    it('503 when the service has none to give', async () => {
      bytesService.answer.bytes = 'HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n';
      expect((await rawHttp(port, 'GET /openapi/metering.json HTTP/1.1\r\nHost: x\r\n\r\n')).answers[0]?.status).toBe(
        503,
      );
    });
  });
});
