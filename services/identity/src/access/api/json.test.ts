import { asciiJson } from './json.js';

describe('JSON', () => {
  it('writes pure ASCII, and bigint as exact numbers', () => {
    expect(asciiJson({ a: 'Ελ\u{1f600}', b: 2n ** 63n - 1n, c: -5n, d: [1.5, null] })).toBe(
      '{"a":"\\u0395\\u03bb\\ud83d\\ude00","b":9223372036854775807,"c":-5,"d":[1.5,null]}',
    );
  });
  it('no text of a client is taken for a number', () => {
    for (const text of ['int64:5', 'int64:0123456789abcdef01234567:5'])
      expect(asciiJson({ text, n: 1n })).toBe(`{"text":"${text}","n":1}`);
  });
});
