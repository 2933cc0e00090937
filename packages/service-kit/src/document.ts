import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

/** A large JSON text that is the same for all clients: made once. */
export interface CachedDocument {
  readonly bytes: Buffer;
  readonly etag: string;
}
export const cachedDocument = (bytes: Buffer): CachedDocument => ({
  bytes,
  etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 27)}"`,
});

const matches = (header: string | undefined, etag: string): boolean =>
  header !== undefined &&
  header.length <= 4096 &&
  header.split(',').some((one) => {
    const tag = one.trim();
    return tag === '*' || tag === etag || tag === `W/${etag}`;
  });

/** 200 with the bytes, or 304 to a client that has them. */
export const sendDocument = (
  req: IncomingMessage,
  res: ServerResponse,
  { bytes, etag }: CachedDocument,
  headers: Record<string, string> = {},
): void => {
  const all = { ETag: etag, 'Cache-Control': 'no-cache', ...headers };
  if (matches(req.headers['if-none-match'], etag)) {
    res.writeHead(304, all).end();
    return;
  }
  res.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': bytes.length, ...all });
  res.end(req.method === 'HEAD' ? undefined : bytes);
};
