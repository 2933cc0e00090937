import type { Request } from 'express';

/** The cookies of a request by name; a name that comes twice keeps its last value. */
export const readCookies = (req: Pick<Request, 'headers'>): ReadonlyMap<string, string> =>
  new Map(
    (req.headers.cookie ?? '').split(';').flatMap((part) => {
      const at = part.indexOf('=');
      return at < 1 ? [] : [[part.slice(0, at).trim(), part.slice(at + 1).trim()] as const];
    }),
  );
/** A cookie for the whole site; on TLS for TLS alone. `seconds` 0 takes it away. */
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
