import type http from 'node:http';
import { writeJson } from './json-answer.js';

/** Longest path that an endpoint can need. The query is bounded by the size of all headers (32 KB). */
export const MAX_PATH = 4096;
/** Whether the path of a request is too long: it is refused before any pattern is matched. */
export const hasLongPath = ({ url = '' }: Pick<http.IncomingMessage, 'url'>): boolean => {
  if (url.length <= MAX_PATH) return false;
  const query = url.indexOf('?');
  return query < 0 || query > MAX_PATH;
};
/** 414, in one form for all, since the path is not looked at. */
export const refuseLongPath = (res: http.ServerResponse): void => {
  writeJson(res, 414, { detail: 'The path is too long.' }, { Connection: 'close' });
};
