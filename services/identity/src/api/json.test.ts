import { asciiJson, parseExact } from './json.js';

describe('JSON', () => {
  it('writes pure ASCII, and bigint as exact numbers', () => {
    expect(asciiJson({ a: 'Ελ\u{1f600}', b: 2n ** 63n - 1n, c: -5n, d: [1.5, null] })).toBe(
      '{"a":"\\u0395\\u03bb\\ud83d\\ude00","b":9223372036854775807,"c":-5,"d":[1.5,null]}',
    );
  });
  it('reads whole numbers beyond 2^53 exactly and everything else as ever', () => {
    expect(
      parseExact(
        '{"a":9223372036854775807,"b":-9223372036854775808,"c":9007199254740991,"d":1.23456789012345678901,"e":1e20,"f":"12345678901234567890","g":"\\"12345678901234567890"}',
      ),
    ).toEqual({
      a: 9223372036854775807n,
      b: -9223372036854775808n,
      c: 9007199254740991,
      d: 1.2345678901234568,
      e: 1e20,
      f: '12345678901234567890',
      g: '"12345678901234567890',
    });
  });
  it('no text of a client is taken for a number', () => {
    const seen = JSON.stringify(parseExact('12345678901234567890'), (_k, v: unknown) => (typeof v === 'bigint' ? 'big' : v));
    expect(seen).toBe('"big"');
    for (const text of ['int64:5', 'int64:0123456789abcdef01234567:5']) {
      expect(parseExact(JSON.stringify(text))).toBe(text);
      expect(asciiJson({ text, n: 1n })).toBe(`{"text":"${text}","n":1}`);
    }
  });
  it.each(['', '{', '{"a":01234567890123456789}', '[1,]', '"\\x"'])('refuses %p', (text) => {
    expect(() => parseExact(text)).toThrow(SyntaxError);
  });
});
