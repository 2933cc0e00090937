import { once } from 'node:events';
import http from 'node:http';
import net, { type AddressInfo, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseAnswers, rawHttp } from '@nefos/testing';
import { WebSocket, WebSocketServer } from 'ws';
import { readGatewayConfig } from '../src/config.js';
import { isSocket } from '../src/routes.js';
import { start } from '../src/start.js';

const PATH = '/console/socket';
const KEY = 'dGhlIHNhbXBsZSBub25jZQ==';
/** A handshake by hand; what is given replaces or adds lines. */
const offer = (more: string[] = [], { line = `GET ${PATH} HTTP/1.1`, upgrade = 'websocket' } = {}): string =>
  [
    line,
    'Host: x',
    'Connection: Upgrade',
    ...(upgrade ? [`Upgrade: ${upgrade}`] : []),
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${KEY}`,
    ...more,
    '',
    '',
  ].join('\r\n');
const SWITCH =
  'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-From: service\r\n\r\n';

/** A service whose sockets the test has in its hands; ordinary requests get 426 with what they were. */
const rawService = async () => {
  const offers: { req: http.IncomingMessage; socket: Socket; head: Buffer }[] = [];
  const requests: { method: string; url: string; headers: http.IncomingHttpHeaders; body: string }[] = [];
  let take = (one: (typeof offers)[number]): void => void one.socket.write(SWITCH);
  const sockets = new Set<Socket>();
  const server = http.createServer((req, res) => {
    const one = { method: req.method ?? '', url: req.url ?? '', headers: req.headers, body: '' };
    requests.push(one);
    req.on('data', (part: Buffer) => (one.body += part.toString()));
    req.on('end', () => res.writeHead(426, { 'Content-Type': 'application/json' }).end('{"detail":"plain"}'));
  });
  server.on('upgrade', (req, socket: Socket, head) => {
    socket.on('error', () => undefined);
    sockets.add(socket);
    const one = { req, socket, head };
    offers.push(one);
    take(one);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    offers,
    requests,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    answer: (how: typeof take) => {
      take = how;
    },
    reset: () => {
      // Else each tunnel is held for the time that a side may take to follow the end of the other.
      for (const one of sockets) one.destroy();
      sockets.clear();
      take = (one) => void one.socket.write(SWITCH);
      offers.length = 0;
      requests.length = 0;
    },
    close: () => {
      for (const one of sockets) one.destroy();
      server.closeAllConnections();
      server.close();
    },
  };
};
const until = async (what: string, found: () => boolean | Promise<boolean>, seconds = 8): Promise<void> => {
  for (const end = Date.now() + seconds * 1000; !(await found()); await sleep(10))
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
};

describe('paths of WebSockets', () => {
  it.each([
    [PATH, true],
    [`${PATH}/`, true],
    [`/backend${PATH}`, true],
    ['/console/vnc', false],
    [`${PATH}/more`, false],
    ['/api/console/socket', false],
    ['/', false],
  ])('%s: %s', (path, takes) => expect(isSocket(path)).toBe(takes));
});

describe('WebSockets through the gateway', () => {
  let service: Awaited<ReturnType<typeof rawService>>;
  let gateway: Awaited<ReturnType<typeof start>>;
  const opened = new Set<Socket>();
  const startGateway = (more: Record<string, string> = {}) =>
    start(
      readGatewayConfig({
        NEFOS_LOG_LEVEL: 'silent',
        NEFOS_GATEWAY_PORT: '0',
        NEFOS_COMPUTE_URL: service.url,
        NEFOS_IDENTITY_URL: 'http://127.0.0.1:1',
        NEFOS_METERING_URL: 'http://127.0.0.1:1',
        NEFOS_INTROSPECTION_URL: 'http://127.0.0.1:1',
        NEFOS_GATEWAY_SOCKETS: '8',
        NEFOS_GATEWAY_SOCKETS_PER_ADDRESS: '5',
        NEFOS_GATEWAY_SOCKET_IDLE_SECONDS: '60',
        NEFOS_GATEWAY_UPSTREAM_SECONDS: '1',
        NEFOS_DRAIN_SECONDS: '1',
        ...more,
      }),
    );
  beforeAll(async () => {
    service = await rawService();
    gateway = await startGateway();
  });
  afterEach(async () => {
    for (const one of opened) one.destroy();
    opened.clear();
    service.reset();
    await until('no tunnel is left', async () => (await figure('nefos_gateway_tunnels')) === 0);
  });
  afterAll(async () => {
    await gateway.stop();
    service.close();
  });
  const figure = async (name: string, from = gateway): Promise<number> =>
    Number(new RegExp(`^${name}\\{.*\\} (\\d+)$`, 'm').exec(await from.metrics.registry.metrics())?.[1] ?? 0);
  /** Opens a tunnel by hand. */
  const open = async (message: string | Buffer = offer(), port = gateway.port) => {
    const before = service.offers.length;
    const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    opened.add(socket);
    socket.on('error', () => undefined);
    let text = '';
    let ended = false;
    socket.on('data', (part: Buffer) => (text += part.toString('latin1')));
    socket.on('end', () => (ended = true));
    socket.on('close', () => (ended = true));
    socket.write(message);
    await until('an answer', () => text.includes('\r\n\r\n') || ended);
    const far = service.offers[before];
    return { socket, text: () => text, ended: () => ended, far: far?.socket as Socket, offer: far };
  };

  it('101: the handshake is handed on without what belongs to one connection, and bytes go both ways', async () => {
    const one = await open(offer(['Sec-WebSocket-Protocol: binary, nefos.console.secret', 'Cookie: a=b', 'TE: x']));
    const { headers, url } = one.offer!.req;
    expect([url, headers.upgrade, headers.connection, headers['sec-websocket-protocol'], headers.te]).toEqual([
      PATH,
      'websocket',
      'Upgrade',
      'binary, nefos.console.secret',
      undefined,
    ]);
    expect([headers['x-forwarded-for'], headers['sec-websocket-key'], headers['x-request-id']]).toEqual([
      '127.0.0.1',
      KEY,
      expect.stringMatching(/^req-/),
    ]);
    expect(one.text()).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n/);
    expect(one.text().match(/^(connection|upgrade):/gim)).toHaveLength(2);
    expect(one.text()).toContain('X-From: service');
    one.far.write('from the service');
    await until('the bytes come', () => one.text().endsWith('from the service'));
    let got = '';
    one.far.on('data', (part: Buffer) => (got += part.toString()));
    one.socket.write('from the client');
    await until('the bytes arrive', () => got === 'from the client');
  });
  it('bytes that come in one packet with either handshake are not lost', async () => {
    service.answer(({ socket }) => void socket.write(`${SWITCH}early from the service`));
    const one = await open(Buffer.from(`${offer()}early from the client`));
    await until('the client has its bytes', () => one.text().endsWith('early from the service'));
    let got = '';
    one.far.on('data', (part: Buffer) => (got += part.toString()));
    if (one.offer!.head.length) got = one.offer!.head.toString();
    await until('the service has its bytes', () => got === 'early from the client');
  });
  it('a real client and a real server talk, and the close code of either side arrives', async () => {
    const real = new WebSocketServer({ noServer: true });
    service.answer(({ req, socket, head }) =>
      real.handleUpgrade(req, socket, head, (ws) => {
        ws.on('message', (data, binary) => ws.send(data, { binary }));
        ws.on('message', (data: Buffer) => data.toString() === 'go' && ws.close(4001, 'because'));
      }),
    );
    const ws = new WebSocket(`ws://127.0.0.1:${gateway.port}${PATH}`);
    await once(ws, 'open');
    const big = Buffer.alloc(3_000_000, 7);
    ws.send(big);
    const [back] = (await once(ws, 'message')) as [Buffer];
    expect(back.equals(big)).toBe(true);
    ws.send('go');
    const [code, reason] = (await once(ws, 'close')) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([4001, 'because']);
  });

  describe('an offer that is none, or not here, is an ordinary request', () => {
    it.each([
      ['h2c', offer(['HTTP2-Settings: AA'], { upgrade: 'h2c' })],
      ['two protocols', offer([], { upgrade: 'websocket, h2c' })],
      ['two Upgrade headers', offer(['Upgrade: h2c'])],
      ['a Connection without upgrade', offer().replace('Connection: Upgrade', 'Connection: close')],
      ['no Upgrade', offer(['Connection: close'], { upgrade: '' })],
      ['HTTP/1.0', offer([], { line: `GET ${PATH} HTTP/1.0` })],
      ['a body', `${offer(['Content-Length: 4'])}body`],
      ['a body in chunks', `${offer(['Transfer-Encoding: chunked'])}4\r\nbody\r\n0\r\n\r\n`],
      ['POST', `${offer(['Content-Length: 4'], { line: `POST ${PATH} HTTP/1.1` })}body`],
      ['another path', offer([], { line: 'GET /console/vnc HTTP/1.1' })],
      ['the API', offer([], { line: 'GET /api/clients HTTP/1.1' })],
    ])('%s', async (_name, message) => {
      const { answers, closed } = await rawHttp(gateway.port, message, { answers: Infinity, seconds: 4 });
      expect([answers.map((one) => [one.status, one.body]), closed]).toEqual([[[426, '{"detail":"plain"}']], true]);
      expect(service.offers).toEqual([]);
      expect(service.requests).toHaveLength(1);
      const { body, headers } = service.requests[0]!;
      expect([headers.upgrade, /body/.test(message)]).toEqual([undefined, body === 'body']);
    });
    it('the gateway itself is no service', async () => {
      const { answers } = await rawHttp(gateway.port, offer([], { line: 'GET / HTTP/1.1' }), { answers: Infinity });
      expect(answers.map((one) => one.status)).toEqual([200]);
    });
  });
  it.each([
    ['two Hosts', offer(['Host: y']), 400],
    ['no Host', offer().replace('Host: x\r\n', ''), 400],
    ['two lengths', offer(['Content-Length: 0', 'Content-Length: 5']), 400],
    ['a length and chunks', offer(['Content-Length: 0', 'Transfer-Encoding: chunked']), 400],
    ['another host in the target', offer([], { line: `GET http://y${PATH} HTTP/1.1` }), 400],
    ['an expectation', offer(['Expect: more']), 417],
    ['headers of 100 KB', offer([`X-Big: ${'a'.repeat(100_000)}`]), 431],
    ['CONNECT', offer([], { line: `CONNECT ${PATH} HTTP/1.1` }), 405],
  ])('%s is refused once, and no service hears of it', async (_name, message, status) => {
    const { answers, closed } = await rawHttp(gateway.port, message, { answers: Infinity, seconds: 5 });
    expect([answers.map((one) => one.status), closed]).toEqual([[status], true]);
    expect(service.offers).toEqual([]);
  });
  it('what follows an offer is no request of its own: not when it is refused, and not when it is taken', async () => {
    const hidden = 'GET /api/hidden HTTP/1.1\r\nHost: x\r\n\r\n';
    service.answer(
      ({ socket }) => void socket.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\nConnection: close\r\n\r\nno'),
    );
    const refused = await rawHttp(gateway.port, offer() + hidden, { answers: Infinity, seconds: 4 });
    expect([refused.answers.map((one) => [one.status, one.body]), refused.closed]).toEqual([[[403, 'no']], true]);
    service.answer(({ socket }) => void socket.write(SWITCH));
    const taken = await open(offer() + hidden);
    let got = taken.offer!.head.toString();
    taken.far.on('data', (part: Buffer) => (got += part.toString()));
    await until('the bytes arrive', () => got === hidden);
    expect(service.requests).toEqual([]);
  });
  it('behind a request that waits for its answer, an offer is an ordinary request', async () => {
    const { answers } = await rawHttp(gateway.port, `GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n${offer()}`, {
      answers: Infinity,
      seconds: 4,
    });
    expect(answers.map((one) => one.status)).toEqual([426, 426]);
    expect([service.offers.length, service.requests.length]).toEqual([0, 2]);
  });
  it('behind a request that was answered, on the same connection, it is an offer', async () => {
    const socket = net.connect(gateway.port, '127.0.0.1');
    opened.add(socket);
    let text = '';
    socket.on('data', (part: Buffer) => (text += part.toString('latin1')));
    socket.write('GET /api/x HTTP/1.1\r\nHost: x\r\n\r\n');
    await until('the first answer', () => parseAnswers(text).answers.length === 1);
    socket.write(offer());
    await until('the second', () => text.includes('101 Switching'));
  });

  it.each([
    ['no Upgrade', 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\n', 502],
    ['another protocol', 'HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n', 502],
    ['a bad header', 'HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nX-A: a\x01b\r\n\r\n', 502],
    ['an end', '', 502],
    ['200', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 200],
  ])('a service that answers with %s', async (_name, bytes, status) => {
    service.answer(({ socket }) => void socket.end(Buffer.from(bytes, 'latin1')));
    const { answers, closed } = await rawHttp(gateway.port, offer(), { answers: Infinity, seconds: 4 });
    expect([answers.map((one) => one.status), closed]).toEqual([[status], true]);
    if (status === 502) expect(answers[0]?.headers['x-error-code']).toBe('internal');
  });
  it('504: a service that does not answer in time; 503: one that is down', async () => {
    service.answer(() => undefined);
    const silent = await rawHttp(gateway.port, offer(), { answers: Infinity, seconds: 5 });
    expect(silent.answers.map((one) => [one.status, one.headers['x-error-code']])).toEqual([[504, 'driver_timeout']]);
    const down = await startGateway({ NEFOS_COMPUTE_URL: 'http://127.0.0.1:1' });
    const { answers } = await rawHttp(down.port, offer(), { answers: Infinity, seconds: 5 });
    expect(answers.map((one) => [one.status, one.headers['retry-after'], one.body])).toEqual([
      [503, '1', expect.stringContaining('compute service is not available')],
    ]);
    await down.stop();
  });

  it.each(['end', 'resetAndDestroy', 'destroy'] as const)(
    'when the service goes (%s), the client is told',
    async (how) => {
      const one = await open();
      one.far.write('last words');
      await until('they came', () => one.text().endsWith('last words'));
      one.far[how]();
      await until('the client sees the end', one.ended);
      await until('the tunnel is gone', async () => (await figure('nefos_gateway_tunnels')) === 0);
    },
  );
  it.each(['end', 'resetAndDestroy', 'destroy'] as const)(
    'when the client goes (%s), the service is told',
    async (how) => {
      const one = await open();
      let gone = false;
      one.far.resume();
      one.far.on('end', () => (gone = true));
      one.far.on('close', () => (gone = true));
      one.socket[how]();
      await until('the service sees the end', () => gone);
      one.far.end();
      await until('the tunnel is gone', async () => (await figure('nefos_gateway_tunnels')) === 0);
    },
  );
  it('a side that does not follow the end of the other is ended', async () => {
    const one = await open();
    one.socket.end();
    await until('the tunnel is gone', async () => (await figure('nefos_gateway_tunnels')) === 0);
    expect(one.ended()).toBe(true);
  });
  it('429 for one address beyond its limit, 503 beyond that of all; a place that is given back is free', async () => {
    const mine = [];
    for (let i = 0; i < 5; i += 1) mine.push(await open());
    const refused = await rawHttp(gateway.port, offer(), { answers: Infinity, seconds: 4 });
    expect(refused.answers.map((one) => [one.status, one.headers['retry-after'], one.headers['x-error-code']])).toEqual(
      [[429, '5', 'throttled']],
    );
    const others = ['10.0.0.1', '10.0.0.1', '10.0.0.2'];
    for (const address of others)
      expect((await open(offer([`X-Forwarded-For: 1.1.1.1, ${address}`]))).text()).toContain(' 101 ');
    const full = await rawHttp(gateway.port, offer(['X-Forwarded-For: 10.0.0.3']), { answers: Infinity, seconds: 4 });
    expect(full.answers.map((one) => [one.status, one.headers['retry-after']])).toEqual([[503, '1']]);
    expect(await figure('nefos_gateway_tunnels')).toBe(8);
    mine[0]?.socket.destroy();
    mine[0]?.far.destroy();
    await until('one place is free', async () => (await figure('nefos_gateway_tunnels')) === 7);
    expect((await open()).text()).toContain(' 101 ');
  });
  it('of IPv6 a limit counts for the /64', async () => {
    const from = (address: string): string => offer([`X-Forwarded-For: ${address}`]);
    for (const address of ['2001:db8::1', '2001:db8:0:0:1::', '2001:0DB8::5:6', '2001:db8::192.0.2.1', '2001:db8::2'])
      expect((await open(from(address))).text()).toContain(' 101 ');
    const sixth = await rawHttp(gateway.port, from('2001:db8::ffff:0:0:9'), { answers: Infinity, seconds: 4 });
    expect(sixth.answers.map((one) => one.status)).toEqual([429]);
    for (const address of ['2001:db8:0:1::1', '::ffff:192.0.2.7'])
      expect((await open(from(address))).text()).toContain(' 101 ');
  });
  it('504: an offer is not waited for as long as a request', async () => {
    const patient = await startGateway({ NEFOS_GATEWAY_UPSTREAM_SECONDS: '60' });
    service.answer(() => undefined);
    const began = Date.now();
    const { answers } = await rawHttp(patient.port, offer(), { answers: Infinity, seconds: 20 });
    expect(answers.map((one) => one.status)).toEqual([504]);
    expect(Math.round((Date.now() - began) / 1000)).toBeLessThan(18);
    await patient.stop();
  }, 30_000);
  it('a refused or failed offer keeps no place', async () => {
    service.answer(({ socket }) => void socket.end('HTTP/1.1 401 X\r\nContent-Length: 0\r\n\r\n'));
    for (let i = 0; i < 12; i += 1) {
      const { answers } = await rawHttp(gateway.port, offer(), { answers: Infinity, seconds: 4 });
      expect(answers.map((one) => one.status)).toEqual([401]);
    }
  });
  it('a client that leaves during the handshake keeps no place', async () => {
    service.answer(() => undefined);
    for (let i = 0; i < 12; i += 1) {
      const socket = net.connect(gateway.port, '127.0.0.1', () => socket.write(offer()));
      socket.on('error', () => undefined);
      await until('it was heard', () => service.offers.length > Math.min(i, 4));
      socket.resetAndDestroy();
      if (i % 4 === 3) await sleep(1200);
    }
    service.reset();
    await sleep(1200);
    expect((await open()).text()).toContain(' 101 ');
  }, 20_000);
  it('no byte for a while: the tunnel ends; a byte keeps it', async () => {
    const quick = await startGateway({ NEFOS_GATEWAY_SOCKET_IDLE_SECONDS: '2' });
    const kept = await open(offer(), quick.port);
    const idle = await open(offer(), quick.port);
    for (let i = 0; i < 10; i += 1) {
      kept.far.write('x');
      await sleep(400);
    }
    expect([idle.ended(), kept.ended()]).toEqual([true, false]);
    expect(await figure('nefos_gateway_tunnels_idle_total', quick)).toBe(1);
    await quick.stop();
  }, 20_000);
  it('a client that reads nothing stops the service, and fills no memory', async () => {
    const one = await open();
    one.socket.pause();
    const chunk = Buffer.alloc(64 * 1024, 1);
    let written = 0;
    for (let tries = 0; tries < 200;) {
      if (one.far.writableLength > 1024 * 1024) {
        tries += 1;
        await sleep(10);
        continue;
      }
      one.far.write(chunk);
      written += chunk.length;
      if (written > 200 * 1024 * 1024) break;
      if (written % (1024 * 1024) === 0) await sleep(1);
    }
    // What the kernel's buffers of four sockets take, and little else.
    expect(written).toBeLessThan(60 * 1024 * 1024);
    let got = 0;
    one.socket.on('data', (part: Buffer) => (got += part.length));
    one.socket.resume();
    await until('all of it comes once it reads', () => got >= written, 20);
  }, 40_000);
  it('a stop tells the service, hands on its goodbye, and takes no longer than it must', async () => {
    const other = await startGateway();
    const one = await open(offer(), other.port);
    const deaf = await open(offer(), other.port);
    let told = false;
    one.far.on('end', () => {
      told = true;
      one.far.end('goodbye');
    });
    one.far.resume();
    deaf.far.pause();
    const began = Date.now();
    await other.stop();
    expect([told, one.text().endsWith('goodbye'), one.ended(), deaf.ended()]).toEqual([true, true, true, true]);
    expect(Date.now() - began).toBeLessThan(6000);
  });
});
