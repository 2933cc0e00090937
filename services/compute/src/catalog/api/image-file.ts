import { pipeline } from 'node:stream/promises';
import { bodyParts, Fault, mediaType, watchLongBody } from '@nefos/service-kit';
import type { Request, Response } from 'express';
import { refusal } from '../../refusals.js';
import type { ImageDownload } from '../domain/image-data.js';

/** The body of an upload, which is read when somebody wants it. @throws Fault media_type */
export const uploadOf = (
  req: Request,
): { length: number | null; open: (stop: AbortController) => AsyncIterable<Buffer> } => {
  const encoding = req.headers['content-encoding'] ?? 'identity';
  if (mediaType(req) !== 'application/octet-stream' || encoding !== 'identity')
    throw new Fault('media_type', 'media_type', {
      type: encoding === 'identity' ? (req.headers['content-type'] ?? '') : encoding,
    });
  const announced = req.headers['content-length'];
  return {
    length: announced === undefined ? null : Number(announced),
    open: (stop) => {
      watchLongBody(req, () => stop.abort(refusal('invalid', 'image.stalled')));
      return bodyParts(req, stop.signal);
    },
  };
};
/**
 * Answers the data as it comes from the disk; the client's pace is that of the disk. A browser keeps it as a file,
 * whatever it is: users put it here.
 */
export const sendDownload = async (
  req: Request,
  res: Response,
  id: string,
  { size, part, stream, sha256 }: ImageDownload,
): Promise<void> => {
  res.writeHead(part ? 206 : 200, {
    'Content-Type': 'application/octet-stream',
    'Content-Length': String(part ? part.end - part.start + 1 : size),
    ...(part && { 'Content-Range': `bytes ${part.start}-${part.end}/${size}` }),
    'Content-Disposition': `attachment; filename="${id}"`,
    'X-Content-Type-Options': 'nosniff',
    ...(sha256 !== null && !part && { 'X-Image-SHA256': sha256 }),
  });
  if (req.method === 'HEAD') {
    stream.destroy();
    res.end();
  } else await pipeline(stream, res).catch(() => res.destroy()); // the client went away, or the file can not be read
};
