import type http from 'node:http';
import net from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { createGuardedServer, drain, listen, type GuardedOptions } from '@nefos/service-kit';
import { parseAnswers } from '@nefos/testing';

const QUICK = { requestTimeout: 700, headersTimeout: 700, connectionsCheckingInterval: 50 };
const servers: http.Server[] = [];
const serve = async (options: Partial<GuardedOptions> = {}) => {
  const asked: string[] = [];
  const answer = (res: http.ServerResponse, status: number) => res.writeHead(status, { 'Content-Length': 2 }).end('{}');
  const server = createGuardedServer({
    handle: (req, res) => {
      asked.push(req.url ?? '');
      if (req.url === '/read') req.resume().on('end', () => answer(res, 200));
      else if (req.url?.startsWith('/slow')) setTimeout(() => answer(res, 200), 3000);
      else answer(res, 200);
    },
    refuse: (_req, res) => answer(res, 400),
    ...options,
  });
  servers.push(server);
  const open = (): Promise<number> => new Promise((resolve) => server.getConnections((_err, count) => resolve(count)));
  return { port: await listen(server, 0, '127.0.0.1'), asked, open };
};
afterAll(() => Promise.all(servers.map((one) => drain(one, 0))));

/**
 * Sends parts some time apart, ends its side if wanted, never closes by itself.
 * @returns what came until the server closed, or `seconds` were over
 */
const talk = async (port: number, parts: readonly string[], { end = false, seconds = 8 } = {}) => {
  let text = '';
  let closed = false;
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  socket.on('data', (part) => (text += part.toString('latin1')));
  const over = new Promise<void>((resolve) => {
    for (const event of ['end', 'close']) socket.once(event, () => resolve());
  });
  void over.then(() => (closed = true));
  for (const part of parts) {
    socket.write(part);
    await sleep(100);
  }
  if (end) socket.end();
  await Promise.race([over, sleep(seconds * 1000)]);
  socket.destroy();
  const { answers, rest } = parseAnswers(text, { closed });
  return { answers: answers.map((one) => one.status), rest, closed };
};
const gone = async (open: () => Promise<number>): Promise<void> => {
  for (const end = Date.now() + 8000; Date.now() < end && (await open()) > 0;) await sleep(50);
  expect(await open()).toBe(0);
};
const request = (target: string, more: string) => `${target} HTTP/1.1\r\nHost: x\r\n${more}\r\n`;
const OFFER = 'Connection: Upgrade\r\nUpgrade: x\r\n';

describe.each([
  ['no offer', '', 400],
  // Node says nothing about a broken chunk of such a request.
  ['an offer to upgrade', OFFER, 408],
])('a body that does not come to its end, with %s', (_name, more, broken) => {
  const sized = request('POST /read', `${more}Content-Length: 100\r\n`);
  const chunked = request('POST /read', `${more}Transfer-Encoding: chunked\r\n`);
  it.each([
    ['the client ends its side', [`${sized}x`], true, [400]],
    ['a broken chunk', [chunked, 'zz\r\n'], false, [broken]],
    ['too slow', [`${sized}x`], false, [408]],
    ['behind another request: the client ends its side', [`${request('GET /path', '')}${sized}x`], true, [200, 400]],
    ['behind another request: a broken chunk', [`${request('GET /path', '')}${chunked}zz\r\n`], false, [200, broken]],
    ['behind another request: too slow', [`${request('GET /path', '')}${sized}x`], false, [200, 408]],
    ['behind a request that takes long: too slow', [`${request('GET /slow', '')}${sized}x`], false, [200, 408]],
    ['answered before it is read: too slow', [request('POST /path', `${more}Content-Length: 100\r\n`)], false, [200]],
    [
      'answered before it is read: a broken chunk',
      [request('POST /path', `${more}Transfer-Encoding: chunked\r\n`), 'zz\r\n'],
      false,
      [200],
    ],
  ])(
    'one answer, then the end: %s',
    async (_case, parts, end, statuses) => {
      const { port, open } = await serve(QUICK);
      expect(await talk(port, parts, { end })).toEqual({ answers: statuses, rest: '', closed: true });
      await gone(open);
    },
    20_000,
  );
});

it('of an offer to upgrade whose client goes away in the middle of the body nothing stays', async () => {
  const { port, open } = await serve(QUICK);
  const sockets = Array.from({ length: 20 }, () => net.connect(port, '127.0.0.1'));
  for (const one of sockets)
    one.on('error', () => undefined).write(`${request('POST /read', `${OFFER}Content-Length: 100\r\n`)}x`);
  for (const end = Date.now() + 5000; Date.now() < end && (await open()) < 20;) await sleep(20);
  for (const one of sockets) one.destroy();
  await gone(open);
}, 20_000);

it('a refused message with an unfinished body is answered once, and its connection ends', async () => {
  const { port, open } = await serve(QUICK);
  const refused = request('POST /read', `Host: y\r\n${OFFER}Content-Length: 100\r\n`);
  for (const end of [true, false])
    expect(await talk(port, [`${refused}x`], { end })).toEqual({ answers: [400], rest: '', closed: true });
  await gone(open);
}, 20_000);

it.each([
  ['CONNECT', 'CONNECT x:80 HTTP/1.1\r\nHost: x:80\r\n\r\n'],
  ['another request', request('GET /path', '')],
  ['a request that does not end', request('POST /read', 'Content-Length: 100\r\n')],
  ['what is no HTTP', 'no HTTP\r\n\r\n'],
])(
  'the answer to an offer to upgrade goes out whole, and is the last one: %s comes after it',
  async (_name, next) => {
    const { port, open, asked } = await serve(QUICK);
    expect(await talk(port, [request('GET /slow', OFFER), next])).toEqual({ answers: [200], rest: '', closed: true });
    expect(asked).toEqual(['/slow']);
    await gone(open);
  },
  20_000,
);
