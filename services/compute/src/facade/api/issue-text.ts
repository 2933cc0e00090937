import type { Issue } from '@nefos/service-kit';
import { sentenceOf, wordingOf } from '../../refusals.js';
import { plainText, pythonText } from './python-text.js';
import { valueAt } from '../value-at.js';

const listed = (values: unknown): string => (Array.isArray(values) ? values : []).map(pythonText).join(', ');
const compared = ({ origin, inclusive }: Record<string, unknown>, most: boolean): string => {
  if (origin === 'string' || origin === 'array') return most ? 'is too long' : 'is too short';
  const equal = inclusive === false ? ' or equal to' : '';
  return most ? `is greater than${equal} the maximum of` : `is less than${equal} the minimum of`;
};
const quoted = (values: unknown): string =>
  (Array.isArray(values) ? values : [values]).map((one) => `'${plainText(one)}'`).join(', ');
/** Of names that are not known. */
export const unexpected = (keys: readonly unknown[]): string =>
  `Additional properties are not allowed (${listed(keys)} ${keys.length > 1 ? 'were' : 'was'} unexpected)`;
/** What is wrong with the value, in the words of the JSON schema validator that OpenStack uses. */
const wrong = ({ rule, values = {} }: Issue, value: unknown): string => {
  const own = wordingOf(rule);
  if (own) return sentenceOf(own, values);
  const shown = pythonText(value);
  switch (rule) {
    case 'invalid_type':
      return `${shown} is not of type ${quoted(values.expected === 'record' ? 'object' : values.expected)}`;
    case 'too_big':
    case 'too_small': {
      const words = compared(values, rule === 'too_big');
      const bound = rule === 'too_big' ? values.maximum : values.minimum;
      return words.endsWith('of') ? `${shown} ${words} ${String(bound)}` : `${shown} ${words}`;
    }
    case 'too_long':
      return `${shown} is too long`;
    case 'too_short':
      return `${shown} is too short`;
    case 'unrecognized_keys':
      return unexpected(Array.isArray(values.keys) ? values.keys : []);
    case 'unmatched_keys':
      return `${listed(values.keys)} does not match any of the regexes: '${plainText(values.pattern)}'`;
    case 'invalid_value':
      return `${shown} is not one of [${listed(values.values)}]`;
    case 'invalid_format':
      return typeof values.pattern === 'string'
        ? `${shown} does not match '${values.pattern.replace(/^\/(.*)\/[a-z]*$/s, '$1')}'`
        : `${shown} is not a '${plainText(values.format)}'`;
    case 'text':
      return typeof values.text === 'string' ? values.text : `${shown} is not valid`;
    default:
      return `${shown} is not valid under any of the given schemas`;
  }
};

/**
 * The first refused value of a request as Nova and Cinder say it (contract compute §12.2, the row "Validation text").
 * @param sent the document that was refused: the parsed body, the query
 */
export const issueText = (issues: readonly Issue[], sent: unknown): string => {
  const [first] = issues;
  if (!first) return 'The request is not valid.';
  if (first.rule === 'printable_name')
    return (
      "An invalid 'name' value was provided. The name must be: printable characters. " +
      'Can not start or end with whitespace.'
    );
  const path = first.path.filter((one) => typeof one !== 'symbol');
  const value = valueAt(sent, path);
  const last = path.at(-1);
  if (value === undefined && last !== undefined && first.rule !== 'unrecognized_keys')
    return `Invalid input for field/attribute ${String(path.at(-2) ?? last)}. Value: ${plainText(
      valueAt(sent, path.slice(0, -1)),
    )}. '${String(last)}' is a required property`;
  if (last === undefined) return wrong(first, value);
  return `Invalid input for field/attribute ${String(last)}. Value: ${plainText(value)}. ${wrong(first, value)}`;
};
