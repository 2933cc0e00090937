import { badTextSentence } from '../text.js';
import { field, type Common } from '../drf/field.js';
import { canonicalCidr, canonicalIp } from './ip.js';

// Fields of the catalog that the framework does not have.

const LONGEST_ADDRESS = 64;
/** An IPv4 or IPv6 address, in the one spelling that it is kept in. */
export const ipAddress = <const O extends Common>(o: O) =>
  field<string, O>(o, { type: 'string', examples: ['192.168.40.1'] }, (value, refuse) => {
    const text = typeof value === 'string' && value.length <= LONGEST_ADDRESS ? value.trim() : '';
    return canonicalIp(text) ?? refuse('text', { text: 'Enter a valid IPv4 or IPv6 address.' });
  });
/** A network such as `192.168.40.0/21`; bits behind the mask must not be set. */
export const ipNetwork = <const O extends Common>(o: O) =>
  field<string, O>(o, { type: 'string', examples: ['192.168.40.0/21'] }, (value, refuse) => {
    const text = typeof value === 'string' && value.length <= LONGEST_ADDRESS ? value.trim() : '';
    return (
      canonicalCidr(text) ??
      refuse('text', { text: 'Enter a valid network, such as 192.168.40.0/21: no bit behind the mask may be set.' })
    );
  });

const REGION_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** The name of a region: it stands in addresses and in names of hosts. */
export const regionId = <const O extends Common>(o: O) =>
  field<string, O>(
    o,
    { type: 'string', maxLength: 64, pattern: REGION_ID.source, examples: ['Region1'] },
    (value, refuse) => {
      if (typeof value !== 'string') return refuse('not_string');
      const text = value.trim();
      if (text === '') return refuse('blank');
      if (!REGION_ID.test(text))
        return refuse('text', {
          text: 'Enter at most 64 letters, digits, dots, hyphens and underscores, beginning with a letter or digit.',
        });
      return text;
    },
  );

export type JsonValue = string | number | boolean | null;
/** Properties of a flavor: names to plain values. */
export type Properties = Record<string, JsonValue>;
export const LONGEST_PROPERTIES = 16_384;
export const MOST_PROPERTIES = 128;
const isPlain = (value: unknown): value is JsonValue =>
  value === null || typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value);
/** Numbers that a double might round, or spell differently; the text of strings does not count. */
const hasLongNumber = (text: string): boolean => /[\d.]{16}|\d[eE]/.test(text.replace(/"(?:[^"\\]|\\.)*"/g, '""'));
const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};
/** A JSON object as text (contract compute §1.1); its values are texts, numbers, true, false or null. */
export const properties = <const O extends Common>(o: O) =>
  field<Properties, O>(
    o,
    { type: 'string', maxLength: LONGEST_PROPERTIES, examples: ['{"hw:cpu_policy":"dedicated"}'] },
    (value, refuse) => {
      if (typeof value !== 'string') return refuse('not_string');
      if (value.length > LONGEST_PROPERTIES) return refuse('max_length', { max: LONGEST_PROPERTIES });
      const object = parsed(value);
      if (typeof object !== 'object' || object === null || Array.isArray(object))
        return refuse('text', { text: 'Value must be valid JSON: an object.' });
      if (hasLongNumber(value))
        return refuse('text', { text: 'Write numbers with at most 15 digits and without exponent, or as texts.' });
      const entries = Object.entries(object as Record<string, unknown>);
      if (entries.length > MOST_PROPERTIES)
        return refuse('text', { text: `Ensure this field has no more than ${MOST_PROPERTIES} elements.` });
      for (const [name, one] of entries) {
        if (!isPlain(one) || name === '')
          return refuse('text', { text: 'Each property has a name, and a text, number, true, false or null.' });
        const bad = badTextSentence(name) ?? (typeof one === 'string' ? badTextSentence(one) : undefined);
        if (bad !== undefined) return refuse('text', { text: bad });
      }
      return object as Properties;
    },
  );
