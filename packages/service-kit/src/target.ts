import type http from 'node:http';
import { writeJson } from './json-answer.js';

/** Longest path that any endpoint has a use for. The query is bounded by the size of all headers (32 KB). */
export const MAX_PATH = 4096;
/** Whether the path of a request is too long to be routed: it is refused before any pattern sees it. */
export const hasLongPath = ({ url = '' }: Pick<http.IncomingMessage, 'url'>): boolean => {
  if (url.length <= MAX_PATH) return false;
  const query = url.indexOf('?');
  return query < 0 || query > MAX_PATH;
};
/** 414. No dialect: what the path would have meant is not looked at. */
export const refuseLongPath = (res: http.ServerResponse): void => {
  writeJson(res, 414, { detail: 'The path is too long.' }, { Connection: 'close' });
};
