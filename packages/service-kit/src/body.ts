import type { IncomingMessage } from 'node:http';
import { Busboy } from '@fastify/busboy';
import { Fault, tooLarge } from './fault.js';
import { parseJsonText, type LongNumber } from './json.js';

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

/** JSON in UTF-8. @throws Fault invalid/body.encoding, body.json, body.depth, body.number */
export const parseJson = (raw: Buffer, longNumber: LongNumber): unknown => parseJsonText(decodeUtf8(raw), longNumber);

/** Media type in lower case, without parameters; '' when absent. */
export const mediaType = (req: IncomingMessage): string => (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** Fields that a form may have; more are refused, and none is passed over in silence. */
const MAX_FIELDS = 1000;
const tooManyFields = (code: 'body.form' | 'body.multipart'): Fault => new Fault('invalid', code, { reason: `there are more than ${MAX_FIELDS} fields` });

/** The fields of a urlencoded body; the last one of a name wins. @throws Fault invalid/body.form */
export const parseUrlencoded = (raw: Buffer): Record<string, string> => {
  const fields = [...new URLSearchParams(raw.toString('utf8'))];
  if (fields.length > MAX_FIELDS) throw tooManyFields('body.form');
  return Object.fromEntries(fields);
};

/** A boundary has at most 70 characters (RFC 2046). */
const MAX_CONTENT_TYPE = 512;
/** The text fields of a multipart body; files are passed over. @throws Fault invalid/body.multipart */
export const parseMultipart = (raw: Buffer, contentType: string): Promise<Record<string, string>> =>
  new Promise((resolve, reject) => {
    const refuse = (err: unknown): void =>
      reject(err instanceof Fault ? err : new Fault('invalid', 'body.multipart', { reason: (err as Error).message }, { cause: err }));
    try {
      if (contentType.length > MAX_CONTENT_TYPE) throw new Error('the content type is too long');
      const fields: Record<string, string> = Object.create(null) as Record<string, string>;
      const limits = { fields: MAX_FIELDS, files: 0, fieldSize: raw.length, headerPairs: 20 };
      const parser = new Busboy({ headers: { 'content-type': contentType }, limits });
      parser.on('field', (name: string, value: string) => {
        fields[name] = value;
      });
      parser.on('fieldsLimit', () => refuse(tooManyFields('body.multipart')));
      parser.on('finish', () => resolve({ ...fields }));
      parser.on('error', refuse);
      parser.end(raw);
    } catch (err) {
      refuse(err);
    }
  });
