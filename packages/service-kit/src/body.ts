import type { IncomingMessage } from 'node:http';
import { Busboy } from '@fastify/busboy';
import { Fault, tooLarge } from './fault.js';

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/** Whether the message announces a body: a length above zero, or chunks. */
export const announcesBody = (req: IncomingMessage): boolean =>
  Number(req.headers['content-length'] ?? 0) > 0 || req.headers['transfer-encoding'] !== undefined;

/**
 * The whole body, as bytes. More than `limit` is refused before it is read to the end.
 * @throws Fault too_large; invalid/body.aborted when the client went away
 */
export const readRawBody = (req: IncomingMessage, limit: number): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    if (Number(req.headers['content-length'] ?? 0) > limit) {
      reject(tooLarge(limit));
      return;
    }
    if (!announcesBody(req)) {
      resolve(Buffer.alloc(0));
      return;
    }
    const parts: Buffer[] = [];
    let size = 0;
    const done = (err: Fault | null): void => {
      req.off('data', take);
      req.off('end', end);
      req.off('error', gone);
      req.off('close', gone);
      if (err) {
        req.pause();
        reject(err);
      } else resolve(parts.length === 1 ? (parts[0] as Buffer) : Buffer.concat(parts, size));
    };
    const take = (part: Buffer): void => {
      size += part.length;
      if (size > limit) done(tooLarge(limit));
      else parts.push(part);
    };
    const end = (): void => done(null);
    const gone = (): void => done(new Fault('invalid', 'body.aborted'));
    req.on('data', take);
    req.on('end', end);
    req.on('error', gone);
    req.on('close', gone);
  });

/** Text of a body; bytes that are no UTF-8 are refused. @throws Fault invalid/body.encoding */
export const decodeUtf8 = (raw: Buffer): string => {
  try {
    return UTF8.decode(raw);
  } catch (err) {
    throw new Fault('invalid', 'body.encoding', {}, { cause: err });
  }
};

/** @throws Fault invalid/body.json with `reason` */
export const parseJson = (raw: Buffer): unknown => {
  const text = decodeUtf8(raw);
  try {
    return JSON.parse(text) as unknown;
  } catch (err) {
    throw new Fault('invalid', 'body.json', { reason: (err as Error).message }, { cause: err });
  }
};

/** Media type in lower case, without parameters; '' when absent. */
export const mediaType = (req: IncomingMessage): string => (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** The fields of a urlencoded body; the last one of a name wins. */
export const parseUrlencoded = (raw: Buffer): Record<string, string> => Object.fromEntries(new URLSearchParams(raw.toString('utf8')));

/** The text fields of a multipart body; files are passed over. @throws Fault invalid/body.multipart */
export const parseMultipart = (raw: Buffer, contentType: string): Promise<Record<string, string>> =>
  new Promise((resolve, reject) => {
    const refuse = (err: unknown): void => reject(new Fault('invalid', 'body.multipart', { reason: (err as Error).message }, { cause: err }));
    try {
      const fields: Record<string, string> = Object.create(null) as Record<string, string>;
      const parser = new Busboy({ headers: { 'content-type': contentType }, limits: { fields: 200, files: 0, fieldSize: raw.length } });
      parser.on('field', (name: string, value: string) => {
        fields[name] = value;
      });
      parser.on('finish', () => resolve({ ...fields }));
      parser.on('error', refuse);
      parser.end(raw);
    } catch (err) {
      refuse(err);
    }
  });
