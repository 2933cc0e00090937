import type http from 'node:http';
import net from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  createApp,
  createFastServer,
  createMetrics,
  drain,
  lingerBeforeClose,
  listen,
  type GuardedOptions,
} from '@nefos/service-kit';
import { parseAnswers, rawHttp } from '@nefos/testing';

type Options = Omit<GuardedOptions, 'handle' | 'refuse'>;
const servers: http.Server[] = [];
/** A service of a few routes, on a port of its own. */
const serve = async (options: Options = {}) => {
  const app = createApp();
  const seen: string[] = [];
  app.use((req, _res, next) => {
    seen.push(`${req.method} ${req.url}`);
    next();
  });
  app.all('/slow', (req, res) => {
    setTimeout(() => res.json({ n: req.query.n }), 50);
  });
  app.all('/early', (req, res) => {
    lingerBeforeClose(req, res);
    res.status(200).json({ early: true });
  });
  app.all('/read', (req, res) => {
    let size = 0;
    req.on('data', (part: Buffer) => {
      size += part.length;
    });
    req.on('end', () => res.json({ size }));
  });
  app.all('/big', (_req, res) => {
    res.end(Buffer.alloc(8 * 1024 * 1024, 120));
  });
  app.all('/piped', (_req, res) => {
    Readable.from(Array.from({ length: 128 }, () => Buffer.alloc(64 * 1024, 120))).pipe(res);
  });
  app.all('/header', (_req, res) => {
    res.setHeader('X-Bad', 'a\nb');
    res.end();
  });
  app.all('/path{/*rest}', (req, res) => {
    res.json({ url: req.url });
  });
  const metrics = createMetrics('t', false);
  const server = createFastServer(app, { metrics, ...options }, (req) => {
    if (req.url === '/throws') throw new Error('in the hot path');
    return false;
  });
  servers.push(server);
  return { port: await listen(server, 0, '127.0.0.1'), seen, metrics };
};
afterAll(() => Promise.all(servers.map((one) => drain(one, 0))));
const get = (path: string, more = '') => `GET ${path} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;

describe('one answer for each request', () => {
  it('a body that is too slow after an early answer: the answer, then the end; no second answer', async () => {
    const { port } = await serve({ requestTimeout: 700, headersTimeout: 700, connectionsCheckingInterval: 50 });
    const drops = Array.from({ length: 30 }, () => 'x');
    const { answers, rest, closed } = await rawHttp(
      port,
      ['POST /early HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n', ...drops],
      { answers: Infinity },
    );
    expect([answers.map((a) => a.status), rest, closed]).toEqual([[200], '', true]);
  });
  it('a body that is too slow before any answer: 408, then the end', async () => {
    const { port } = await serve({ requestTimeout: 700, headersTimeout: 700, connectionsCheckingInterval: 50 });
    const { answers, rest, closed } = await rawHttp(
      port,
      'POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nx',
      { answers: Infinity },
    );
    expect([answers.map((a) => a.status), rest, closed]).toEqual([[408], '', true]);
  });
  it('what is no HTTP after a whole request: its answer first, then 400', async () => {
    const { port } = await serve();
    const { answers, closed } = await rawHttp(port, `${get('/slow?n=1')}no HTTP\r\n\r\n`, { answers: Infinity });
    expect([answers.map((a) => [a.status, a.body]), closed]).toEqual([
      [
        [200, '{"n":"1"}'],
        [400, '{"detail":"Bad request."}'],
      ],
      true,
    ]);
  });
  it('a broken chunk is the end of its own request', async () => {
    const { port } = await serve();
    for (const path of ['/read', '/slow']) {
      const { answers } = await rawHttp(
        port,
        `POST ${path} HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n`,
        { answers: Infinity },
      );
      expect(answers.map((a) => a.status)).toEqual([400]);
    }
    const early = await rawHttp(
      port,
      ['POST /early HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', 'zz\r\n'],
      { answers: Infinity },
    );
    expect(early.answers.map((a) => a.status)).toEqual([200]);
  });
});

describe('half-open connections and offers to upgrade', () => {
  const half = (port: number, message: string): Promise<string> =>
    new Promise((resolve) => {
      let text = '';
      const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end(message));
      socket.on('data', (part) => (text += part.toString()));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve(text));
      socket.on('end', () => resolve(text));
      setTimeout(() => socket.destroy(), 10_000).unref();
    });
  it('who has said all and only reads gets every answer, then the end', async () => {
    const { port } = await serve();
    const text = await half(port, get('/slow?n=1') + get('/slow?n=2') + get('/path'));
    expect(text.match(/\{[^{}]*\}/g)).toEqual(['{"n":"1"}', '{"n":"2"}', '{"url":"/path"}']);
  });
  it('an end in the middle of a request is its end', async () => {
    const { port, seen } = await serve();
    expect(await half(port, 'GET /path HTTP/1.1\r\nHos')).not.toContain('200');
    expect(seen).toEqual([]);
    expect(await half(port, '')).toBe('');
  });
  it.each(['h2c', 'websocket'])(
    'an offer of %s: an answer that says close, since what follows in the packet is lost',
    async (protocol) => {
      const { port, seen } = await serve();
      const offer = get('/slow?n=1', `Connection: keep-alive, Upgrade\r\nUpgrade: ${protocol}\r\n`);
      const { answers, closed } = await rawHttp(port, [get('/path') + offer + get('/path'), get('/path')], {
        answers: Infinity,
        pause: 10,
      });
      expect(answers.map((a) => [a.status, a.headers.connection])).toEqual([
        [200, 'keep-alive'],
        [200, 'close'],
      ]);
      expect([closed, seen.length]).toEqual([true, 2]);
    },
  );
  it('an Upgrade header that the connection does not name changes nothing', async () => {
    const { port } = await serve();
    const { answers } = await rawHttp(port, get('/path', 'Upgrade: h2c\r\n') + get('/path'), { answers: 2 });
    expect(answers.map((a) => a.status)).toEqual([200, 200]);
  });
});

describe('requests that come one behind the other', () => {
  it('are handled in turn: the next one waits until the answer before it has gone out', async () => {
    const { port, seen } = await serve();
    const { answers } = await rawHttp(port, Array.from({ length: 8 }, (_, i) => get(`/slow?n=${i}`)).join(''), {
      answers: 1,
    });
    expect(answers.map((a) => a.body)).toEqual(['{"n":"0"}']);
    expect(seen.length).toBeLessThanOrEqual(2);
    const all = await rawHttp(port, Array.from({ length: 8 }, (_, i) => get(`/slow?n=${i}`)).join(''), { answers: 8 });
    expect(all.answers.map((a) => a.body)).toEqual(Array.from({ length: 8 }, (_, i) => `{"n":"${i}"}`));
  });
  it('more than a connection may have waiting close it, and are counted', async () => {
    const { port, seen, metrics } = await serve({ limits: { waitingRequests: 4 } });
    const { closed } = await rawHttp(port, Array.from({ length: 50 }, (_, i) => get(`/slow?n=${i}`)).join(''), {
      answers: Infinity,
    });
    expect([closed, seen.length]).toEqual([true, 1]);
    expect(await metrics.registry.getSingleMetricAsString('nefos_http_connections_closed_total')).toContain(
      'reason="pipelining"',
    );
  });
});

describe('clients that do not read', () => {
  it('are cut off when they take nothing for a while', async () => {
    const { port, metrics } = await serve({ limits: { stallSeconds: 0.3 } });
    const socket = net.connect(port, '127.0.0.1', () => socket.write(get('/big').repeat(3)));
    socket.pause();
    socket.on('error', () => undefined);
    const text = async () => metrics.registry.getSingleMetricAsString('nefos_http_connections_closed_total');
    for (const end = Date.now() + 15_000; Date.now() < end && !/slow_reader".*} 1/.test(await text());) await sleep(50);
    expect(await text()).toMatch(/slow_reader".*} 1/);
    socket.destroy();
  });
  it('who reads slowly but steadily gets everything', async () => {
    const { port } = await serve({ limits: { stallSeconds: 1 } });
    const size = await new Promise<number>((resolve) => {
      let got = 0;
      const socket = net.connect(port, '127.0.0.1', () => socket.write(get('/big', 'Connection: close\r\n')));
      socket.on('data', (part) => {
        got += part.length;
        socket.pause();
        setTimeout(() => socket.resume(), 20);
      });
      socket.on('close', () => resolve(got));
      socket.on('error', () => undefined);
    });
    expect(size).toBeGreaterThan(8 * 1024 * 1024);
  }, 60_000);
});

describe('connections', () => {
  it('beyond their number get 503 with Retry-After; idle ones make room', async () => {
    const { port } = await serve({ limits: { connections: 3 } });
    const held = Array.from({ length: 3 }, () => net.connect(port, '127.0.0.1'));
    for (const one of held) one.on('error', () => undefined).write('GET /slow HTTP/1.1\r\n'); // headers that do not end
    await sleep(100);
    // One newcomer in a second passes, in case an idle one has just gone. Of five at the same moment the others are
    // refused.
    const five = await Promise.all(
      Array.from({ length: 5 }, () => rawHttp(port, get('/path', 'Connection: close\r\n'), { answers: Infinity })),
    );
    const answers = five.flatMap((one) => one.answers);
    const refused = answers.filter((one) => one.status === 503);
    expect([answers.length, five.every((one) => one.closed), refused.length > 0]).toEqual([5, true, true]);
    for (const one of refused)
      expect([one.headers['retry-after'], one.body]).toEqual([
        '1',
        '{"detail":"Too many connections; try again in a moment."}',
      ]);
    expect(answers.filter((one) => one.status === 200).length).toBe(5 - refused.length);
    for (const one of held) one.destroy();
  });
});

describe('what is thrown while a request is handled', () => {
  it('costs that request its answer and is counted; the server goes on', async () => {
    const { port, metrics } = await serve();
    for (const path of ['/throws', '/header']) {
      const { answers } = await rawHttp(port, get(path));
      expect([path, answers.map((a) => [a.status, a.body])]).toEqual([
        path,
        [[500, '{"detail":"A server error occurred."}']],
      ]);
    }
    expect(await metrics.registry.getSingleMetricAsString('nefos_http_thrown_total')).toMatch(/_total{.*} 1/);
    expect((await rawHttp(port, get('/path'))).answers[0]?.status).toBe(200);
  });
});

describe('messages', () => {
  let port: number;
  let seen: string[];
  beforeAll(async () => {
    ({ port, seen } = await serve());
  });
  const status = async (message: string) =>
    (await rawHttp(port, message, { answers: Infinity, seconds: 4 })).answers.map((a) => a.status);
  const close = 'Connection: close\r\n';

  it.each([
    ['Host', 'GET /path HTTP/1.1\r\nHost: x\r\nHost: x\r\n\r\n'],
    ['Host, in other spelling', 'GET /path HTTP/1.1\r\nHost: x\r\nhOST: y\r\n\r\n'],
    ['Authorization', get('/path', 'Authorization: Token a\r\nAuthorization: Token b\r\n')],
    ['X-Auth-Token', get('/path', 'X-Auth-Token: a\r\nx-auth-token: b\r\n')],
    ['X-Subject-Token', get('/path', 'X-Subject-Token: a\r\nX-Subject-Token: b\r\n')],
    ['X-RH-IDENTITY', get('/path', 'X-RH-IDENTITY: a\r\nX-RH-IDENTITY: b\r\n')],
    [
      'Transfer-Encoding',
      'POST /path HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['Content-Length', 'POST /path HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n'],
    [
      'Content-Length beside Transfer-Encoding',
      'POST /path HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['a header behind a thousand others', `GET /path HTTP/1.1\r\nHost: x\r\n${'a: b\r\n'.repeat(1500)}Host: y\r\n\r\n`],
    ['no Host in HTTP/1.1', 'GET /path HTTP/1.1\r\n\r\n'],
    [
      'an encoding that nobody decodes',
      'POST /path HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n',
    ],
    ['another version', 'GET /path HTTP/2.0\r\nHost: x\r\n\r\n'],
    ['two hosts in one message', 'GET http://one/path HTTP/1.1\r\nHost: other\r\n\r\n'],
    ['a target that is no path', 'GET ftp://x/path HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a target with a name and a password', 'GET http://me:pw@x/path HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('400, with words, and the end of the connection: %s', async (_name, message) => {
    seen.length = 0;
    const { answers, closed } = await rawHttp(port, `${message}${get('/path/smuggled')}`, {
      answers: Infinity,
      seconds: 4,
    });
    expect([answers.map((a) => a.status), closed, seen]).toEqual([[400], true, []]);
    expect(JSON.parse(answers[0]?.body ?? '')).toHaveProperty('detail');
  });
  it('headers of other names that look alike may repeat', async () => {
    expect(
      await status(
        get(
          '/path',
          `Test: 1\r\nTest: 2\r\nX-Request-Id: a\r\nX-Forwarded-For: 1.1.1.1\r\nX-Forwarded-For: 2.2.2.2\r\n${close}`,
        ),
      ),
    ).toEqual([200]);
  });
  it.each([
    ['HTTP/1.0 without Host', 'GET /path/a HTTP/1.0\r\n\r\n', '/path/a'],
    ['the absolute form', `GET http://X:80/path/b?c=d HTTP/1.1\r\nHost: x\r\n${close}\r\n`, '/path/b?c=d'],
    ['the absolute form in HTTP/1.0', 'GET http://x/path/e HTTP/1.0\r\n\r\n', '/path/e'],
    ['an offer of another protocol', get('/path/f', 'Connection: close, Upgrade\r\nUpgrade: websocket\r\n'), '/path/f'],
    [
      'an offer of HTTP/2',
      get(
        '/path/g',
        'Connection: close, Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n',
      ),
      '/path/g',
    ],
  ])('200: %s', async (_name, message, url) => {
    const { answers } = await rawHttp(port, message, { answers: Infinity, seconds: 4 });
    expect(answers.map((a) => [a.status, a.body])).toEqual([[200, JSON.stringify({ url })]]);
  });
  it('405 and the end: CONNECT', async () => {
    const { answers, closed } = await rawHttp(port, 'CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n', {
      answers: Infinity,
    });
    expect([answers.map((a) => [a.status, a.headers.allow !== undefined]), closed]).toEqual([[[405, true]], true]);
  });
  it('405 after the answers that are due: CONNECT behind other requests', async () => {
    const { port: own, seen: asked } = await serve();
    const connect = `CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n`;
    const { answers, rest, closed } = await rawHttp(
      own,
      `${get('/slow?n=1')}${get('/slow?n=2')}${connect}${get('/path/after')}`,
      { answers: Infinity },
    );
    expect([answers.map((a) => a.status), answers[1]?.body, rest, closed, asked]).toEqual([
      [200, 200, 405],
      '{"n":"2"}',
      '',
      true,
      ['GET /slow?n=1', 'GET /slow?n=2'],
    ]);
  });
  it('405 after a large answer that the client reads as it comes', async () => {
    const message = `${get('/piped')}CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n`;
    const text = await new Promise<string>((resolve) => {
      const parts: Buffer[] = [];
      const socket = net.connect(port, '127.0.0.1', () => socket.write(message));
      socket.on('data', (part) => parts.push(part));
      socket.on('end', () => {
        socket.destroy();
        resolve(Buffer.concat(parts).toString('latin1'));
      });
    });
    const { answers, rest } = parseAnswers(text);
    expect([answers.map((a) => a.status), answers[0]?.body.length, rest]).toEqual([[200, 405], 8 * 1024 * 1024, '']);
  });
  it('204 with Allow: OPTIONS *', async () => {
    const { answers } = await rawHttp(port, 'OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n');
    expect(answers.map((a) => [a.status, a.headers.allow])).toEqual([
      [204, 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'],
    ]);
  });
  it('100, then the answer: Expect: 100-continue; 417 with words: any other expectation', async () => {
    const message =
      'POST /read HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\nConnection: close\r\n\r\n';
    expect((await rawHttp(port, [message, 'ab'], { answers: Infinity })).answers.map((a) => a.status)).toEqual([
      100, 200,
    ]);
    const { answers } = await rawHttp(port, get('/path', 'Expect: miracles\r\n'), { answers: Infinity });
    expect(answers.map((a) => [a.status, a.body.length > 2])).toEqual([[417, true]]);
  });
  it('an answer for whatever method and path', async () => {
    for (const method of ['TRACE', 'PROPFIND', 'M-SEARCH', 'QUERY', 'BREW', 'PRI'])
      for (const path of ['/path', '//path', '/%', '*', '/path#x']) {
        const found = await rawHttp(port, `${method} ${path} HTTP/1.1\r\nHost: x\r\n${close}\r\n`, {
          answers: Infinity,
          seconds: 4,
        });
        expect([method, path, found.answers.length, found.closed]).toEqual([method, path, 1, true]);
      }
  });
});
