import { createHmac, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Got {
  id: string;
  timestamp: string;
  signature: string;
  body: string;
  json: { type: string; timestamp: string; data: Record<string, unknown> };
}
export interface Receiver {
  readonly url: string;
  readonly got: Got[];
  /** The next answers; 200 when there is none left. `hang`: never. */
  answers: (number | 'hang')[];
  /** How long an answer takes. */
  delayMs: number;
  close(): void;
}
/** A receiver of webhooks, as a user would write one. */
export const startReceiver = async (): Promise<Receiver> => {
  const receiver: Receiver = { url: '', got: [], answers: [], delayMs: 0, close: () => undefined };
  const server = http.createServer((req, res) => {
    let body = '';
    req.setEncoding('utf8').on('data', (part: string) => {
      body += part;
    });
    req.on('end', () => {
      const answer = receiver.answers.shift() ?? 200;
      const { headers } = req;
      receiver.got.push({
        id: String(headers['webhook-id']),
        timestamp: String(headers['webhook-timestamp']),
        signature: String(headers['webhook-signature']),
        body,
        json: JSON.parse(body) as Got['json'],
      });
      if (answer !== 'hang') setTimeout(() => res.writeHead(answer).end('thank you'), receiver.delayMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(receiver, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook?x=1`,
    close: () => {
      server.close();
      server.closeAllConnections();
    },
  });
};
/** Verifies a delivery as Standard Webhooks says. */
export const verified = (secret: string, { id, timestamp, signature, body }: Got): boolean => {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  const wanted = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest();
  return signature.split(' ').some((one) => {
    const found = Buffer.from(one.replace(/^v1,/, ''), 'base64');
    return found.length === wanted.length && timingSafeEqual(found, wanted);
  });
};
