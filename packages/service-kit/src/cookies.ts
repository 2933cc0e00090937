import type { IncomingMessage } from 'node:http';
import { parse } from 'cookie';

const asWritten = (value: string): string => value;
/**
 * The cookies of a request by name, their values as they are written. Of a repeated name the first one counts, or the
 * last.
 */
export const readCookies = (
  { headers }: Pick<IncomingMessage, 'headers'>,
  repeated: 'first' | 'last' = 'first',
): Partial<Record<string, string>> => {
  const header = headers.cookie ?? '';
  // The library keeps the first.
  const ordered = repeated === 'first' ? header : header.split(';').reverse().join(';');
  return parse(ordered, { decode: asWritten });
};
