import { ExactNumber } from '@nefos/contracts';
import { asBigInt, Fault, keepDigits, MAX_JSON_DEPTH, parseJsonText, refuseLong } from '@nefos/service-kit';
import { cpuOf } from '@nefos/testing';

const code = (text: string, longNumber = keepDigits): string => {
  try {
    parseJsonText(text, longNumber);
    return 'taken';
  } catch (err) {
    return err instanceof Fault ? err.code : String(err);
  }
};
const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth);

describe('JSON of a stranger', () => {
  it.each([
    ['{}', {}],
    [' [1, -2.5, 1e3, "\\"[", null] ', [1, -2.5, 1000, '"[', null]],
    ['{"a\\\\":{"b":[]}}', { 'a\\': { b: [] } }],
    ['9007199254740991', 9007199254740991],
    ['-123456789012.345', -123456789012.345],
    ['0.30000000000000004', 0.30000000000000004],
    ['1234567.0009765625', 1234567.0009765625],
    ['5e-324', 5e-324],
    ['1.000000000000000000000000', 1],
    ['0.0000000000000000000e99', 0],
    ['1E21', 1e21],
    ['{"__proto__":{"x":1}}', JSON.parse('{"__proto__":{"x":1}}')],
  ])('%s is read as ever', (text, wanted) => expect(parseJsonText(text, refuseLong)).toEqual(wanted));
  it.each([
    '9007199254740993',
    '9007199254740992',
    '-9223372036854775808',
    '1e400',
    '-1e-400',
    '1.00000000000000001',
    '123456789012345.123456',
    `1${'0'.repeat(400)}`,
  ])('%s is no double: its digits are kept, or it is refused', (text) => {
    expect(parseJsonText(`{"a":[${text}],"b":"${text}"}`, keepDigits)).toEqual({ a: [new ExactNumber(text)], b: text });
    expect(code(text, refuseLong)).toBe('body.number');
  });
  it('a thousand such numbers are taken, more are refused at once', async () => {
    for (const longNumber of [keepDigits, asBigInt]) {
      expect(code(`[${Array(1000).fill('9007199254740993').join(',')}]`, longNumber)).toBe('taken');
      expect(code(`[${Array(1001).fill('9007199254740993').join(',')}]`, longNumber)).toBe('body.number');
    }
    expect(code(`[${Array(1001).fill('1e400').join(',')}]`)).toBe('body.number');
    const many = `[${Array(200_000).fill('1e400').join(',')}]`;
    const ms = async (): Promise<number> => cpuOf(() => expect(code(many)).toBe('body.number'));
    expect(Math.min(await ms(), await ms())).toBeLessThan(100);
  });
  it('whole numbers can be bigint', () => {
    expect(parseJsonText('[9223372036854775807,-9223372036854775808,1]', asBigInt)).toEqual([
      2n ** 63n - 1n,
      -(2n ** 63n),
      1,
    ]);
    for (const text of ['1e400', '1.00000000000000001', '1'.repeat(41)])
      expect(code(text, asBigInt)).toBe('body.number');
  });
  it.each([
    '',
    '{',
    '[1,]',
    '01',
    '01234567890123456789',
    '"\\x"',
    '"',
    '"\\"',
    '1e',
    '12345678901234567890x',
    '.5',
    '{"a":12345678901234567890',
    '\u0000',
  ])('%j is no JSON', (text) => expect(code(text)).toBe('body.json'));
  it('as deep as the bound is taken, one deeper is refused, and brackets in text do not count', () => {
    expect(code(nested(MAX_JSON_DEPTH))).toBe('taken');
    expect(code(nested(MAX_JSON_DEPTH + 1))).toBe('body.depth');
    expect(code(nested(MAX_JSON_DEPTH + 1, '{"a":', '}').replace(':}', ':1}'))).toBe('body.depth');
    expect(code(JSON.stringify([nested(500), `"${nested(500)}\\`]))).toBe('taken');
    expect(code(`[${'[],'.repeat(5000)}[]]`)).toBe('taken');
  });
  it('takes time in proportion to its length, whatever it is made of', async () => {
    const size = 2_000_000;
    for (const unit of ['"', '\\', '\\"', '\\\\"', '1', '1e', '-', '[', '"[', '{"":', '1.', ' '])
      for (const head of ['', '"', '[', '0.'])
        expect([unit, head, (await cpuOf(() => code(head + unit.repeat(size / unit.length)))) < 3000]).toEqual([
          unit,
          head,
          true,
        ]);
  });
});
