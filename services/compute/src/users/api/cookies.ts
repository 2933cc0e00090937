import type { Request } from 'express';
import { readCookies as readAll } from '@nefos/service-kit';

/** The cookies of a request by name; of a repeated name the last value counts. */
export const readCookies = (req: Pick<Request, 'headers'>): Partial<Record<string, string>> => readAll(req, 'last');
/**
 * A cookie for the whole site; on TLS for TLS alone. `seconds` 0 removes it. The library would write the attributes
 * in another order than clients have got them so far.
 */
export const setCookie = (
  req: Pick<Request, 'secure'>,
  name: string,
  value: string,
  { seconds, httpOnly }: { seconds: number; httpOnly: boolean },
): string =>
  [
    `${name}=${value}`,
    'Path=/',
    `Max-Age=${seconds}`,
    'SameSite=Lax',
    ...(httpOnly ? ['HttpOnly'] : []),
    ...(req.secure ? ['Secure'] : []),
  ].join('; ');
