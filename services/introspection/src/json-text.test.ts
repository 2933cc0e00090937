import { jsonText, parseExactly } from './json-text.js';

describe('JSON text that keeps its numbers', () => {
  it.each([
    '{"a":[2048.0,1e3,1.50,-0.0,12345678901234567890],"b":"2048.0","c":{}}',
    '[]',
    'null',
    '{"__proto__":{"x":1.0}}',
    '{"a":"\\u0000"}',
  ])('%s comes back as it was', (text) => {
    expect(jsonText(parseExactly(text))).toBe(text);
  });
  it('keys in the order of the alphabet, at any depth', () => {
    expect(jsonText(parseExactly('{"b":{"z":1.0,"a":2},"a":[{"d":1,"c":2}]}'), true)).toBe(
      '{"a":[{"c":2,"d":1}],"b":{"a":2,"z":1.0}}',
    );
  });
  it('of very many numbers the value is kept, and the digits of long ones', () => {
    const many = parseExactly(`{"a":[${'2048.0,'.repeat(2000)}12345678901234567890]}`);
    expect(jsonText(many)).toBe(`{"a":[${'2048,'.repeat(2000)}12345678901234567890]}`);
  });
});
