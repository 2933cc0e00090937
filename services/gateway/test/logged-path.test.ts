import { loggedPath } from '../src/access-log.js';

describe('a path in the access log has no token', () => {
  it.each([
    ['/identity/v2.0/tokens/SECRET', '/identity/v2.0/tokens/***'],
    ['/identity/v2.0/tokens/SECRET/endpoints', '/identity/v2.0/tokens/***/endpoints'],
    // Those of before: base64, slashes and all.
    ['/identity/v2.0/tokens/SECRET/SECRETMbHyOA==', '/identity/v2.0/tokens/***'],
    ['/identity/v2.0/tokens//SECRET//endpoints', '/identity/v2.0/tokens/***/endpoints'],
    ['//tokens//SECRET', '//tokens/***'],
    ['/identity/v2.0/Tokens/SECRET', '/identity/v2.0/tokens/***'],
    ['/identity/v2.0/tokens%2FSECRET%2fSECRET', '/identity/v2.0/tokens/***'],
    ['/identity/v2.0/tokens/tokens/SECRET', '/identity/v2.0/tokens/***'],
    ['/identity/v2.0/tokens', '/identity/v2.0/tokens'],
    ['/staffapi/clients/1', '/staffapi/clients/1'],
  ])('%s', (path, logged) => {
    expect(loggedPath(path)).toBe(logged);
  });
  it('however long it is', () => {
    const started = process.cpuUsage().user;
    for (const part of ['/tokens/', '/endpoints', '/', 'x']) loggedPath(`/tokens/${part.repeat(200_000)}`);
    expect(process.cpuUsage().user - started).toBeLessThan(5_000_000);
  });
});
