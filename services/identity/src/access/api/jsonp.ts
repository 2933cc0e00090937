import { Reply } from '@nefos/service-kit';
import { bad } from '../domain/errors.js';
import { asciiJson } from './json.js';

const CALLBACK = /^[A-Za-z_$][\w$.]{0,127}$/;
/**
 * JSONP when it is asked for; the empty comment and nosniff keep the answer a script and nothing else (contract
 * identity §5.1).
 */
export const jsonp = (callback: string | undefined, body: unknown, headers: Record<string, string> = {}): unknown => {
  if (callback === undefined) return new Reply(body, { headers });
  if (!CALLBACK.test(callback)) throw bad('callback.bad');
  return new Reply(Buffer.from(`/**/${callback}(${asciiJson(body)});`), {
    headers: {
      ...headers,
      'Content-Type': 'application/javascript; charset=UTF-8',
      'X-Content-Type-Options': 'nosniff',
    },
  });
};
