import net from 'node:net';

export interface RawAnswer {
  status: number;
  /** By name in lower case; the values of a repeated one are joined by ", ". */
  headers: Record<string, string>;
  body: string;
}
export interface RawExchange {
  /** All bytes that came, as latin1. */
  text: string;
  /** The whole answers among them, in order; interim ones (1xx) too. */
  answers: RawAnswer[];
  /** What came after the last whole answer. */
  rest: string;
  /** Whether the server ended the connection. */
  closed: boolean;
}

const chunked = (text: string): { body: string; length: number } | undefined => {
  let body = '';
  for (let at = 0; ;) {
    const line = text.indexOf('\r\n', at);
    if (line < 0) return undefined;
    const size = Number.parseInt(text.slice(at, line), 16);
    const end = line + 2 + size + 2;
    if (text.length < end) return undefined;
    if (size === 0) return { body, length: end };
    body += text.slice(line + 2, end - 2);
    at = end;
  }
};
/**
 * Answers in what a server sent. `bodiless`: they answer HEAD. An answer without a length ends where the connection
 * ends.
 */
export const parseAnswers = (
  text: string,
  { bodiless = false, closed = false } = {},
): Pick<RawExchange, 'answers' | 'rest'> => {
  const answers: RawAnswer[] = [];
  let at = 0;
  for (;;) {
    const end = text.indexOf('\r\n\r\n', at);
    const [first = '', ...lines] = end < 0 ? [''] : text.slice(at, end).split('\r\n');
    const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
    if (!status) break;
    const headers: Record<string, string> = {};
    for (const line of lines) {
      const colon = line.indexOf(':');
      const key = line.slice(0, colon).toLowerCase();
      const value = line.slice(colon + 1).trim();
      headers[key] = key in headers ? `${headers[key]}, ${value}` : value;
    }
    const start = end + 4;
    const none = bodiless || status < 200 || status === 204 || status === 304;
    const length = headers['content-length'];
    let body = '';
    let next = start;
    if (!none && headers['transfer-encoding'] === 'chunked') {
      const found = chunked(text.slice(start));
      if (!found) break;
      body = found.body;
      next = start + found.length;
    } else if (!none && length !== undefined) {
      next = start + Number(length);
      if (text.length < next) break;
      body = text.slice(start, next);
    } else if (!none) {
      if (!closed) break;
      next = text.length;
      body = text.slice(start);
    }
    answers.push({ status, headers, body });
    at = next;
  }
  return { answers, rest: text.slice(at) };
};

/**
 * Sends bytes as they are and gives what came back: after `answers` final answers (1 by default), when the server
 * ends the connection, or after `seconds`. An array is sent part by part, `pause` milliseconds apart. `answers:
 * Infinity` waits for the end of the connection.
 */
export const rawHttp = (
  port: number,
  message: string | Buffer | readonly (string | Buffer)[],
  {
    answers: wanted = 1,
    seconds = 10,
    pause = 100,
    bodiless = false,
    host = '127.0.0.1',
  }: { answers?: number; seconds?: number; pause?: number; bodiless?: boolean; host?: string } = {},
): Promise<RawExchange> =>
  new Promise((resolve) => {
    const parts = typeof message === 'string' || Buffer.isBuffer(message) ? [message] : [...message];
    const socket = net.connect({ port, host });
    let text = '';
    let next: NodeJS.Timeout | undefined;
    const give = (closed: boolean): void => {
      clearTimeout(late);
      clearTimeout(next);
      socket.destroy();
      resolve({ text, closed, ...parseAnswers(text, { bodiless, closed }) });
    };
    const late = setTimeout(() => give(false), seconds * 1000);
    const send = (): void => {
      const part = parts.shift();
      if (part === undefined || socket.destroyed) return;
      socket.write(typeof part === 'string' ? Buffer.from(part, 'latin1') : part);
      next = setTimeout(send, pause);
    };
    socket.on('connect', send);
    socket.on('data', (part) => {
      text += part.toString('latin1');
      if (
        wanted !== Infinity &&
        parseAnswers(text, { bodiless }).answers.filter((one) => one.status >= 200).length >= wanted
      )
        give(false);
    });
    socket.on('end', () => give(true));
    socket.on('close', () => give(true));
    socket.on('error', () => undefined);
  });
