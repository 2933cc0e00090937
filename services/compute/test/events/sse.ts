import http from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Heard {
  id: string;
  event: string;
  data: { type: string; client: number | null; object: { type: string; id: string }; data: Record<string, unknown> };
}
export interface Stream {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly heard: Heard[];
  /** The id with which a client comes again. */
  lastId(): string;
  ended(): boolean;
  text(): string;
  /** Waits until `found` gives something. */
  until<T>(found: (heard: Heard[]) => T | undefined | false): Promise<T>;
  untilEnd(): Promise<void>;
  pause(): void;
  close(): void;
}

/** Waits for something to become true; fails after ten seconds. */
export const eventually = async <T>(
  found: () => T | undefined | false | Promise<T | undefined | false>,
): Promise<T> => {
  for (const end = Date.now() + 10_000; ; await sleep(20)) {
    const one = await found();
    if (one) return one;
    if (Date.now() > end) throw new Error(`it did not come true: ${String(found)}`);
  }
};

/** Reads a stream of events as a browser does (WHATWG HTML, server-sent events). */
export const listen = (url: string, headers: Record<string, string>): Promise<Stream> =>
  new Promise((resolve, reject) => {
    const req = http.get(url, { headers, agent: false }, (res) => {
      let buffer = '';
      let all = '';
      let lastId = '';
      let ended = false;
      const heard: Heard[] = [];
      const take = (block: string): void => {
        const fields: Record<string, string> = {};
        for (const line of block.split('\n')) {
          const [, name = '', value = ''] = /^([a-z]*): ?(.*)$/.exec(line) ?? [];
          if (name) fields[name] = value;
        }
        if (fields.id !== undefined) lastId = fields.id;
        if (fields.data !== undefined)
          heard.push({ id: lastId, event: fields.event ?? 'message', data: JSON.parse(fields.data) as Heard['data'] });
      };
      res.setEncoding('utf8');
      res.on('data', (part: string) => {
        all += part;
        buffer += part;
        for (let at = buffer.indexOf('\n\n'); at >= 0; at = buffer.indexOf('\n\n')) {
          take(buffer.slice(0, at));
          buffer = buffer.slice(at + 2);
        }
      });
      res.on('close', () => {
        ended = true;
      });
      res.on('error', () => undefined);
      resolve({
        status: res.statusCode ?? 0,
        headers: res.headers,
        heard,
        lastId: () => lastId,
        ended: () => ended,
        text: () => all,
        until: (found) => eventually(() => found(heard)),
        untilEnd: async () => {
          await eventually(() => ended);
        },
        pause: () => res.pause(),
        close: () => req.destroy(),
      });
    });
    req.on('error', reject);
  });
