let second = 0;
let cached: { Vary: string; 'Cache-Control': string; Expires: string; 'Last-Modified': string };
/** The headers of every answer (contract identity §1.6), built once a second. */
export const STANDARD_HEADERS = {
  now: () => {
    const now = Math.floor(Date.now() / 1000);
    if (now !== second) {
      second = now;
      const date = new Date(now * 1000).toUTCString();
      cached = {
        Vary: 'X-Auth-Token',
        'Cache-Control': 'no-cache, no-store, must-revalidate, max-age=0',
        Expires: date,
        'Last-Modified': date,
      };
    }
    return cached;
  },
};
