import { Reply } from '@nefos/service-kit';
import { bad } from '../domain/errors.js';
import { asciiJson } from './json.js';

const CALLBACK = /^[A-Za-z_$][\w$.]{0,127}$/;
/**
 * The body as JSON, or as JSONP when a callback is named (contract identity §5.1). The empty comment and `nosniff` keep
 * browsers from reading the answer as anything but a script. @throws invalid callback.bad
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
