import dns from 'node:dns/promises';
import http from 'node:http';
import { parsePeers, type Fault } from '@nefos/service-kit';
import { listening } from '@nefos/testing';
import { createImageSource } from '../../src/ports/image-source.js';

const never = new AbortController().signal;

describe('where images are fetched from', () => {
  let server: Awaited<ReturnType<typeof listening>>;
  let hits = 0;
  const internal = createImageSource(parsePeers('127.0.0.0/8'));
  const strict = createImageSource(parsePeers(''));
  const codeOf = (opened: Promise<unknown>): Promise<string> =>
    opened.then(
      () => 'opened',
      (err: unknown) => (err as Fault).code,
    );
  const read = async (path: string): Promise<string> => {
    const { parts } = await internal.open(server.base + path, never);
    let text = '';
    for await (const part of parts) text += part.toString();
    return text;
  };
  beforeAll(async () => {
    server = await listening(
      http.createServer((req, res) => {
        hits += 1;
        const url = new URL(req.url ?? '/', 'http://x');
        const left = Number(url.searchParams.get('left') ?? 0);
        if (url.pathname === '/to') res.writeHead(302, { Location: url.searchParams.get('at') ?? '' }).end('elsewhere');
        else if (url.pathname === '/loop')
          res.writeHead(301, { Location: left > 0 ? `/loop?left=${left - 1}` : '/data' }).end();
        else if (url.pathname === '/broken') {
          res.writeHead(200, { 'Content-Length': '1000' }).write('half');
          setTimeout(() => res.destroy(), 50);
        } else if (/^\/\d+$/.test(url.pathname)) res.writeHead(Number(url.pathname.slice(1))).end();
        else res.end('data');
      }),
    );
  });
  afterAll(() => server.close());
  afterEach(() => jest.restoreAllMocks());

  it('fetches over redirects, relative ones too', async () => {
    expect(await read('/data')).toBe('data');
    expect(await read('/loop?left=3')).toBe('data');
    expect(await codeOf(internal.open(`${server.base}/loop?left=9`, never))).toBe('import.redirects');
  });
  it('connects to no internal address, however it is written', async () => {
    const { port } = new URL(server.base);
    const before = hits;
    for (const host of ['127.0.0.1', '2130706433', '0x7f.1', '0177.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0'])
      expect([host, await codeOf(strict.open(`http://${host}:${port}/data`, never))]).toEqual([host, 'import.address']);
    // As a name that does not exist: whether it does is told to nobody.
    const saying = (host: string): Promise<unknown> =>
      strict
        .open(`http://${host}:${port}/data`, never)
        .catch(({ kind, code, params }: Fault) => ({ kind, code, params }));
    expect(await saying('localhost')).toEqual(await saying('no-such-name.invalid'));
    expect(await saying('localhost')).toMatchObject({ kind: 'unavailable', code: 'import.unreachable' });
    expect(await codeOf(strict.open('http://169.254.169.254/latest/meta-data', never))).toBe('import.address');
    expect(hits).toBe(before);
  });
  it('judges each redirect anew', async () => {
    for (const [at, code] of [
      ['http://10.0.0.1/x', 'import.address'],
      ['http://[fd00:ec2::254]/x', 'import.address'],
      ['file:///etc/passwd', 'import.url'],
      ['gopher://127.0.0.1:70/x', 'import.url'],
      ['http://a:b@127.0.0.1/', 'import.url'],
      ['http://127.0.0.1:22/', 'import.url'],
      ['http://', 'import.url'],
    ])
      expect([
        at,
        await codeOf(internal.open(`${server.base}/to?at=${encodeURIComponent(at as string)}`, never)),
      ]).toEqual([at, code]);
  });
  it('connects to the address that it judged, whatever the name stands for later', async () => {
    const { port } = new URL(server.base);
    const lookup = jest.spyOn(dns, 'lookup') as unknown as jest.SpyInstance;
    // A name that stands for a public address when it is judged, and for this machine when it is asked again.
    lookup
      .mockResolvedValueOnce([{ address: '192.0.2.9', family: 4 }])
      .mockResolvedValue([{ address: '127.0.0.1', family: 4 }]);
    const allowed = createImageSource(parsePeers('192.0.2.9'));
    const before = hits;
    const gone = AbortSignal.timeout(300);
    await expect(allowed.open(`http://rebind.example.com:${port}/data`, gone)).rejects.toBeDefined();
    expect([hits, lookup.mock.calls.length]).toEqual([before, 1]);
  });
  it('refuses a name of which one address is internal', async () => {
    const lookup = jest.spyOn(dns, 'lookup') as unknown as jest.SpyInstance;
    lookup.mockResolvedValue([
      { address: '8.8.8.8', family: 4 },
      { address: 'fd00::1', family: 6 },
    ]);
    expect(await codeOf(strict.open('http://both.example.com/', never))).toBe('import.unreachable');
  });
  it('says what may be otherwise later, and what may not', async () => {
    const kinds = async (path: string) =>
      internal.open(server.base + path, never).catch((err: unknown) => `${(err as Fault).kind} ${(err as Fault).code}`);
    expect(await kinds('/404')).toBe('invalid import.status');
    expect(await kinds('/206')).toBe('invalid import.status');
    expect(await kinds('/503')).toBe('unavailable import.unreachable');
    expect(await codeOf(internal.open('http://127.0.0.1:1025/', never))).toBe('import.unreachable');
    await expect(read('/broken')).rejects.toMatchObject({ code: 'import.unreachable' });
  });
  it.each(['', 'x', 'ftp://example.com/x', 'http://u@example.com/', 'http://example.com:25/', 'javascript:1', '//x'])(
    'reads no address from %j',
    (url) => expect(strict.isReadable(url)).toBe(false),
  );
  it.each(['http://example.com/x', 'https://example.com:8443/x?y', 'http://example.com:80'])('reads %s', (url) =>
    expect(strict.isReadable(url)).toBe(true),
  );
});
