import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

export interface Shown {
  readonly ws: WebSocket;
  /** All bytes that came. */
  text(): string;
  /** Waits until the bytes contain it. */
  until(part: string): Promise<void>;
  /** Code and words of the end. */
  ended(): Promise<[code: number, words: string]>;
}
export interface Refused {
  status: number;
  code: string | undefined;
  body: unknown;
}
export const tokenIn = (url: string): string =>
  /^http:\/\/cloud\.test\/console\/\w+#token=([\w-]{43})$/.exec(url)?.[1] ?? '';

export const eventually = async (
  what: string,
  found: () => boolean | Promise<boolean>,
  seconds = 10,
): Promise<void> => {
  for (const end = Date.now() + seconds * 1000; !(await found()); await sleep(20))
    if (Date.now() > end) throw new Error(`not in time: ${what}`);
};
/** Opens the console of a token, as a browser does. @returns how it was refused, if it was */
export const show = async (
  base: string,
  token: string,
  {
    protocols = ['binary', `nefos.console.${token}`],
    headers = {},
    version,
  }: { protocols?: string[]; headers?: Record<string, string>; version?: number } = {},
): Promise<Shown | Refused> => {
  const ws = new WebSocket(`${base.replace('http', 'ws')}/console/socket`, protocols, {
    headers,
    ...(version && { protocolVersion: version }),
  });
  let text = '';
  ws.on('message', (data: Buffer) => (text += data.toString('latin1')));
  ws.on('error', () => undefined);
  let last: [number, string] | undefined;
  ws.on('close', (code: number, words: Buffer) => (last = [code, words.toString()]));
  const refused = once(ws, 'unexpected-response') as Promise<[unknown, IncomingMessage]>;
  const opened = await Promise.race([once(ws, 'open').then(() => undefined), refused]);
  if (opened) {
    const [, res] = opened;
    let body = '';
    for await (const part of res) body += String(part);
    ws.terminate();
    return {
      status: res.statusCode ?? 0,
      code: res.headers['x-error-code'] as string | undefined,
      body: JSON.parse(body) as unknown,
    };
  }
  refused.catch(() => undefined);
  return {
    ws,
    text: () => text,
    until: (part) => eventually(`${part} in ${JSON.stringify(text.slice(-200))}`, () => text.includes(part)),
    ended: async () => {
      await eventually('the console ends', () => last !== undefined, 15);
      return last as [number, string];
    },
  };
};
