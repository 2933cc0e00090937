// @ts-check
// Load over raw keep-alive sockets: cheap enough on one core to fill a server on the other.
import net from 'node:net';

/**
 * Sends one request over and over on `connections` sockets and counts the answers; every answer must begin with
 * `expect`.
 * @param {{ port: number, path: string, headers?: Record<string, string>, method?: string, body?: string,
 *   connections?: number, seconds?: number, expect?: string }} options
 * @returns {Promise<{perSecond: number, answers: number}>}
 */
export const load = ({
  port,
  path,
  headers = {},
  method = 'GET',
  body = '',
  connections = 32,
  seconds = 1.5,
  expect = 'HTTP/1.1 200',
}) =>
  new Promise((resolve, reject) => {
    const lines = Object.entries({
      Host: `127.0.0.1:${port}`,
      ...(body && { 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(body) }),
      ...headers,
    })
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
    const request = Buffer.from(`${method} ${path} HTTP/1.1\r\n${lines}\r\n${body}`);
    /** @type {Set<net.Socket>} */
    const sockets = new Set();
    let answers = 0;
    let size = 0;
    const started = performance.now();
    let over = false;
    const stop = (/** @type {Error | undefined} */ err) => {
      if (over) return;
      over = true;
      clearTimeout(timer);
      for (const one of sockets) one.destroy();
      if (err) reject(err);
      else resolve({ answers, perSecond: answers / ((performance.now() - started) / 1000) });
    };
    const timer = setTimeout(() => stop(undefined), seconds * 1000);
    for (let i = 0; i < connections; i += 1) {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true }, () => socket.write(request));
      sockets.add(socket);
      let got = 0;
      socket.on('data', (part) => {
        if (got === 0 && part.toString('latin1', 0, expect.length) !== expect) {
          stop(new Error(`${path} answered ${JSON.stringify(part.toString('latin1').slice(0, 300))}`));
          return;
        }
        // All answers to one request are equally long: the length is taken from the first one.
        if (size === 0) {
          const text = part.toString('latin1');
          const head = text.indexOf('\r\n\r\n');
          const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
          if (head < 0 || length === undefined) {
            stop(new Error(`${path}: no Content-Length`));
            return;
          }
          size = head + 4 + Number(length);
        }
        got += part.length;
        if (got >= size) {
          got = 0;
          answers += 1;
          if (!over) socket.write(request);
        }
      });
      socket.on('error', (err) => stop(err));
      socket.on('close', () => {
        if (!over) stop(new Error(`${path}: a connection was closed`));
      });
    }
  });

/**
 * Sends each body once, as fast as they are answered; every answer must be 200.
 * @param {{ port: number, path: string, bodies: readonly string[], connections: number }} options
 * @returns {Promise<number>} answers a second
 */
export const sendEach = async ({ port, path, bodies, connections }) => {
  const requests = bodies
    .map((body) => {
      const head =
        `POST ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n`;
      return Buffer.from(head + body);
    })
    .values();
  const one = () =>
    /** @type {Promise<void>} */ (
      new Promise((resolve, reject) => {
        const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
        let text = '';
        const next = () => {
          const { value, done } = requests.next();
          if (done) {
            socket.destroy();
            resolve();
          } else socket.write(value);
        };
        socket.on('connect', next);
        socket.on('data', (part) => {
          text += part.toString('latin1');
          const head = text.indexOf('\r\n\r\n');
          const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1];
          if (head < 0 || text.length < head + 4 + Number(length)) return;
          if (!text.startsWith('HTTP/1.1 200')) reject(new Error(`${path} answered ${text.slice(0, 600)}`));
          text = '';
          next();
        });
        socket.on('error', reject);
        socket.on('close', () => reject(new Error(`${path}: a connection was closed`)));
      })
    );
  const started = performance.now();
  await Promise.all(Array.from({ length: connections }, one));
  return bodies.length / ((performance.now() - started) / 1000);
};

/**
 * Runs the contestants one after the other, `rounds` times, each round in another order, so that a noisy moment hits
 * all.
 * @param {Record<string, () => Promise<number>>} contestants
 * @returns {Promise<Record<string, number[]>>} what each returned, round by round
 */
export const alternate = async (contestants, rounds = 5) => {
  const all = Object.entries(contestants);
  /** @type {Record<string, number[]>} */
  const results = Object.fromEntries(all.map(([name]) => [name, []]));
  // The first run of each warms.
  for (const [, contestant] of all) await contestant();
  for (let round = 0; round < rounds; round += 1) {
    const first = round % all.length;
    for (const [name, contestant] of [...all.slice(first), ...all.slice(0, first)])
      results[name]?.push(await contestant());
  }
  return results;
};
