import type { Fault } from '@nefos/service-kit';
import { accountNumberOf } from './identity-header.js';

const encode = (value: unknown): string =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64');
const reason = (header: string): unknown => {
  try {
    return accountNumberOf(header);
  } catch (err) {
    return (err as Fault).params.reason;
  }
};
const MISSING = 'missing user account_number field';

describe('X-RH-IDENTITY (contract metering §2)', () => {
  it.each<[string, string, unknown]>([
    ['the documented header', 'eyJpZGVudGl0eSI6IHsiYWNjb3VudF9udW1iZXIiOiAiMTMzNyJ9fQ==', '1337'],
    ['a number is the same as its text', encode({ identity: { account_number: 1337 } }), '1337'],
    ['its digits as they were sent', encode('{"identity":{"account_number":9007199254740993}}'), '9007199254740993'],
    ['a number below nothing', encode('{"identity":{"account_number": -12 }}'), '-12'],
    ...['1E3', '1e3', '1.50', '1.5', '1.0', '1e400', '1e-7', '123456789012345678901e0'].map(
      (said): [string, string, unknown] => [
        `a number is not rewritten: ${said}`,
        encode(`{"identity":{"account_number":${said}}}`),
        'unusable user account_number field',
      ],
    ),
    ['as text it is anybody', encode({ identity: { account_number: '1.50' } }), '1.50'],
    ['numbers elsewhere do not matter', encode('{"n":[1.50,1E3,1e400],"identity":{"account_number":"7","x":-0}}'), '7'],
    [
      'further members are ignored',
      encode({ identity: { account_number: 'x', org_id: '9', user: { is_org_admin: true } }, entitlements: {} }),
      'x',
    ],
    [
      'characters outside the alphabet are dropped',
      `${encode({ identity: { account_number: '1337' } }).slice(0, 9)} !*\n${encode({ identity: { account_number: '1337' } }).slice(9)}`,
      '1337',
    ],
    ['bytes are ISO-8859-1', encode('{"identity":{"account_number":"é"}}'), 'Ã©'],
    ['no JSON', encode('hello'), 'Expecting value: line 1 column 1 (char 0)'],
    ['no base64 at all', '!!!!', 'Expecting value: line 1 column 1 (char 0)'],
    ['wrong padding', 'abcde', 'Incorrect padding'],
    ['missing padding', 'abcdef', 'Incorrect padding'],
    ['no identity', encode({}), MISSING],
    ['no number', encode({ identity: {} }), MISSING],
    ['null identity', encode({ identity: null }), MISSING],
    ['null number', encode({ identity: { account_number: null } }), MISSING],
    ['empty number', encode({ identity: { account_number: '' } }), MISSING],
    ['a list', encode([]), MISSING],
    ['a string', encode('"text"'), MISSING],
    ['an inherited member', encode({ identity: 'constructor' }), MISSING],
    [
      'a number no column can hold',
      encode({ identity: { account_number: 'a\0b' } }),
      'unusable user account_number field',
    ],
    [
      'a number without end',
      encode({ identity: { account_number: 'a'.repeat(129) } }),
      'unusable user account_number field',
    ],
  ])('%s', (_title, header, wanted) => expect(reason(header)).toBe(wanted));
});
