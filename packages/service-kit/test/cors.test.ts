import { parseOrigins } from '@nefos/service-kit';

describe('origins', () => {
  it('are scheme, host and port, or * alone', () => {
    expect(parseOrigins('')).toEqual([]);
    expect(parseOrigins(' https://a.example , http://localhost:3000,')).toEqual([
      'https://a.example',
      'http://localhost:3000',
    ]);
    expect(parseOrigins('*')).toEqual(['*']);
  });
  it.each([
    'a.example',
    'https://a.example/',
    'https://a.example/x',
    'https://*.example',
    'null',
    'ftp://a.example',
    'https://a.example:443',
    '*, https://a.example',
  ])('%s is refused', (text) => {
    expect(() => parseOrigins(text)).toThrow(/is no origin|stands alone/);
  });
});
