import { badText, ExactNumber } from '@nefos/contracts';
import { asFault, Fault, keepDigits, parseJsonText } from '@nefos/service-kit';
import { HEADER_INVALID } from '../errors.js';

const bad = (reason: string): Fault => new Fault('unauthenticated', HEADER_INVALID, { reason });
const missing = (): Fault => bad('missing user account_number field');
const MAX = 128;

/**
 * Base64 as the original reads it: what is outside the alphabet is dropped, bytes are ISO-8859-1, wrong padding is
 * refused.
 */
const decode = (header: string): string => {
  const [, data = '', pads = ''] = /^([A-Za-z0-9+/]*)(=*)/.exec(header.replace(/[^A-Za-z0-9+/=]/g, '')) ?? [];
  const over = data.length % 4;
  if (over === 1 || (over > 1 && pads.length < 4 - over)) throw bad('Incorrect padding');
  return Buffer.from(data, 'base64').toString('latin1');
};
const parse = (text: string): unknown => {
  try {
    return parseJsonText(text, keepDigits, true);
  } catch (err) {
    throw bad(
      /^\s*[[{"\d-]/.test(text) ? String(asFault(err).params.reason) : 'Expecting value: line 1 column 1 (char 0)',
    );
  }
};
const member = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;

/**
 * The account number of an `X-RH-IDENTITY` header: base64 of `{"identity": {"account_number": "1337"}}` (contract
 * metering §2). Other members are ignored. A number is taken as the digits that were sent; `1E3` and `1.50` are
 * refused.
 * @throws Fault unauthenticated/header.invalid with `reason`
 */
export const accountNumberOf = (header: string): string => {
  const number = member(member(parse(decode(header)), 'identity'), 'account_number');
  if (typeof number !== 'string' && typeof number !== 'number' && !(number instanceof ExactNumber)) throw missing();
  const text = String(number);
  if (text === '') throw missing();
  const noDigits = typeof number !== 'string' && !/^-?\d+$/.test(text);
  if (noDigits || text.length > MAX || badText(text) !== undefined) throw bad('unusable user account_number field');
  return text;
};
