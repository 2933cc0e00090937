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
export const mediaType = (req: IncomingMessage): string =>
  (req.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** Fields of a form at most; more are refused, never dropped silently. */
const MAX_FIELDS = 1000;
/** Parts cost the parser 0.2 ms each. */
const MAX_PARTS = 100;
const tooMany = (code: 'body.form' | 'body.multipart', max: number): Fault =>
  new Fault('invalid', code, { reason: `there are more than ${max} fields` });
/** Whether `wanted` occurs in `raw` more than `max` times: far cheaper than to parse the parts. */
const hasMore = (raw: Buffer, wanted: string, max: number): boolean => {
  let count = 0;
  for (let at = raw.indexOf(wanted); at >= 0 && count <= max; at = raw.indexOf(wanted, at + wanted.length)) count += 1;
  return count > max;
};

/** The fields of a urlencoded body; the last one of a name wins. @throws Fault invalid/body.form */
export const parseUrlencoded = (raw: Buffer): Record<string, string> => {
  if (hasMore(raw, '&', MAX_FIELDS - 1)) throw tooMany('body.form', MAX_FIELDS);
  return Object.fromEntries(new URLSearchParams(raw.toString('utf8')));
};

const MAX_CONTENT_TYPE = 512;
/** What separates the parts: at most 70 characters of those that RFC 2046 names. */
const BOUNDARY = /;[ \t]*boundary=(?:"([\w'()+,\-./:=? ]{1,70})"|([\w'()+,\-./:=?]{1,70}))[ \t]*(?:;|$)/i;
const boundaryOf = (contentType: string): string => {
  if (contentType.length > MAX_CONTENT_TYPE) throw new Error('the content type is too long');
  const [, quoted, plain] = BOUNDARY.exec(contentType) ?? [];
  const found = quoted ?? plain;
  if (found === undefined) throw new Error('the content type names no boundary, or one that RFC 2046 does not allow');
  return found;
};
/**
 * The text fields of a multipart body; files are skipped, but count. The parts are counted before they are parsed:
 * the parser goes on beyond its own limits, and does not count parts without a name.
 * @throws Fault invalid/body.multipart
 */
export const parseMultipart = (raw: Buffer, contentType: string): Promise<Record<string, string>> =>
  new Promise((resolve, reject) => {
    const refuse = (err: unknown): void =>
      reject(
        err instanceof Fault
          ? err
          : new Fault('invalid', 'body.multipart', { reason: (err as Error).message }, { cause: err }),
      );
    try {
      const boundary = boundaryOf(contentType);
      // The last one ends the body.
      if (hasMore(raw, `--${boundary}`, MAX_PARTS + 1)) throw tooMany('body.multipart', MAX_PARTS);
      const fields: Record<string, string> = Object.create(null) as Record<string, string>;
      const limits = { files: 0, fieldSize: raw.length, headerPairs: 20 };
      // The parser gets the boundary that was counted, and not one that it finds in the header itself.
      const parser = new Busboy({ headers: { 'content-type': `multipart/form-data; boundary="${boundary}"` }, limits });
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
