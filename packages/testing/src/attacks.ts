import http from 'node:http';
import type { AddressInfo } from 'node:net';

/** What patterns, splitters and parsers choke on when it is repeated. */
const UNITS = [
  '/',
  '.',
  ' ',
  '\t',
  '0',
  '1',
  '_',
  '-',
  '+',
  ',',
  ';',
  ':',
  '=',
  '"',
  '\\"',
  '\\\\',
  'a',
  'a.',
  'a@',
  'a-',
  '0_',
  '(',
  '[',
  '{',
  '&a',
  'é',
];
const HEADS = ['', '0.', '"', 'a@', '2019-01-01T00:00', 'b:'];
/**
 * A text of about `size` characters that takes a careless pattern quadratic time: much of one kind, and an end that
 * does not fit.
 */
const attackText = (size: number, head: string, unit: string, tail: string): string =>
  head + unit.repeat(Math.ceil(size / unit.length)) + tail;
export const attackTexts = (size: number): string[] =>
  HEADS.flatMap((head) => UNITS.map((unit) => attackText(size, head, unit, '!')));

/** Processor time that `work` takes in this process, in ms: other programs on the machine do not count. */
export const cpuOf = async (work: () => unknown): Promise<number> => {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
};

const HEADERS = [
  ['Accept'],
  ['Accept-Encoding'],
  ['Authorization'],
  ['Content-Type', 'multipart/form-data; boundary='],
  ['Cookie', '_pithos2_a='],
  ['Idempotency-Key'],
  ['If-None-Match'],
  ['Origin', 'http://'],
  ['Referer', 'http://'],
  ['X-Auth-Token'],
  ['X-CSRFToken'],
  ['X-Forwarded-For'],
  ['X-RH-IDENTITY'],
  ['X-Request-Id'],
] as const;
export interface Attack {
  path: string;
  headers?: Record<string, string>;
}
const SIZE = 28_000; // the limit of all headers is 32 KB
const ESCAPED: Record<string, string> = { ' ': '+', '+': '%2B', '\t': '%09', é: '%C3%A9' };
const escaped = (text: string): string => text.replace(/[ +\té]/g, (c) => ESCAPED[c] ?? c);
/** Attack texts as a path, inside a path, as each of the query parameters (`path?name`) and as each header. */
export const httpAttacks = (prefixes: readonly string[], parameters: readonly string[]): Attack[] => {
  const ends = ['', 'x'];
  const inPath = UNITS.map(escaped);
  return [
    ...['/', ...prefixes].flatMap((prefix) =>
      inPath.flatMap((unit) => ends.map((end) => ({ path: attackText(SIZE, prefix, unit, end) }))),
    ),
    ...parameters.flatMap((name) =>
      HEADS.flatMap((head) => inPath.map((unit) => ({ path: `${name}=${attackText(SIZE, head, unit, 'x')}` }))),
    ),
    ...HEADERS.flatMap(([name, head = '']) =>
      UNITS.flatMap((unit) =>
        ends.map((end) => ({ path: prefixes[0] ?? '/', headers: { [name]: attackText(SIZE, head, unit, end) } })),
      ),
    ),
  ];
};

/** Listens without a bound on paths of its own, so that what is behind it is tried. */
export const listenBare = async (
  listener: http.RequestListener,
): Promise<{ port: number; close: () => Promise<void> }> => {
  const server = http.createServer({ maxHeaderSize: 32 * 1024 }, listener);
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
};
/** Sends one request. @returns its status */
export const sendAttack = (
  port: number,
  { path, headers }: Attack,
  more: Record<string, string> = {},
  body?: string,
): Promise<number> =>
  new Promise((resolve, reject) => {
    const length = body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) };
    const req = http.request(
      {
        port,
        host: '127.0.0.1',
        method: body === undefined ? 'GET' : 'POST',
        path,
        headers: { ...more, ...headers, ...length },
        agent,
        maxHeaderSize: 128 * 1024,
      },
      (res) => {
        res.resume();
        res.on('end', () => resolve(res.statusCode ?? 0));
      },
    );
    req.on('error', reject);
    req.end(body);
  });
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

/**
 * Processor time one request may take, in ms. Quadratic work on 28 KB takes ten times that, and always; an ordinary
 * one takes 30.
 */
export const MOST_CPU_MS = 250;
/**
 * Work of others in this process (its collector of garbage, its jobs) counts too, but not each time: the least of so
 * many counts.
 */
const TRIES = 6;
/**
 * Sends the attacks one by one.
 * @returns those that took more than MOST_CPU_MS or were answered with a 500, to be compared with none
 */
export const findHarmful = async (
  port: number,
  attacks: readonly Attack[],
  more: Record<string, string>,
): Promise<object[]> => {
  const found: object[] = [];
  for (const attack of attacks) {
    let status = 0;
    const once = async (): Promise<void> => {
      status = await sendAttack(port, attack, more);
    };
    let ms = await cpuOf(once);
    for (let n = 1; n < TRIES && ms > MOST_CPU_MS; n += 1) ms = Math.min(ms, await cpuOf(once));
    if (ms > MOST_CPU_MS || status >= 500)
      found.push({
        status,
        ms: Math.round(ms),
        path: attack.path.slice(0, 80),
        header: Object.entries(attack.headers ?? {}).map(([k, v]) => [k, v.slice(0, 30)]),
      });
  }
  return found;
};
