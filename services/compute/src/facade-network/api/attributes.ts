import { issuesOf, type Fault, type Issue } from '@nefos/service-kit';
import type { z } from 'zod';
import { plainText } from '../../facade/api/python-text.js';
import { faceFault } from '../../facade/api/refused.js';
import { valueAt } from '../../facade/value-at.js';

export const bad = (message: string): Fault => faceFault('invalid', message, 'HTTPBadRequest');
/** What every kind shows, and nobody sets. */
const SHOWN_ONLY = ['id', 'status', 'tags', 'revision_number', 'created_at', 'updated_at'];

const reasonOf = ({ rule, values = {} }: Issue, value: unknown): string => {
  const shown = `'${plainText(value)}'`;
  if (rule === 'custom' && typeof values.message === 'string') return values.message;
  if (rule === 'invalid_type') return `${shown} is not a ${values.expected === 'array' ? 'list' : 'dictionary'}`;
  if (rule === 'unrecognized_keys')
    return `Unexpected keys supplied: ${(values.keys as string[]).map((one) => plainText(one)).join(', ')}`;
  if (rule === 'too_long') return `it has more than ${String(values.most)} items`;
  return `${shown} is not valid`;
};
/** How a body is read: what is not among the attributes may be one of the other method. */
interface Reading {
  put: boolean;
  /** Attributes that only POST takes. */
  first?: readonly string[];
}
const unknownNames = (names: readonly string[], { put, first = [] }: Reading): Fault => {
  const fixed = names.find((one) => SHOWN_ONLY.includes(one) || (put && first.includes(one)));
  if (fixed !== undefined)
    return bad(put ? `Cannot update read-only attribute ${fixed}` : `Attribute '${fixed}' not allowed in POST`);
  return bad(`Unrecognized attribute(s) '${names.map((one) => one.slice(0, 100)).join(', ')}'`);
};
/**
 * The attributes of one thing, judged in Neutron's words.
 * @throws Fault invalid
 */
export const readAttributes = <S extends z.ZodType>(
  schema: S,
  given: unknown,
  reading: Reading = { put: false },
): z.infer<S> => {
  const found = schema.safeParse(given);
  if (found.success) return found.data;
  // A name that there is none of is said first: its value can not be judged.
  const issues = issuesOf(found.error);
  const unknown = issues.find(({ rule, path = [] }) => rule === 'unrecognized_keys' && !path.length);
  if (unknown) throw unknownNames(unknown.values?.keys as string[], reading);
  const [issue] = issues;
  const { path = [] } = issue ?? {};
  const [name] = path;
  if (!issue || name === undefined) throw bad('Failed to parse request. The body is not a document of attributes.');
  if (valueAt(given, [name]) === undefined)
    throw bad(`Failed to parse request. Required attribute '${String(name)}' not specified`);
  throw bad(`Invalid input for ${String(name)}. Reason: ${reasonOf(issue, valueAt(given, path))}.`);
};
/**
 * What an envelope holds: one thing by its singular name, several by the plural.
 * @throws Fault invalid
 */
export const unwrap = (
  body: Record<string, unknown>,
  { singular, plural }: { singular: string; plural: string },
): { one: unknown } | { several: readonly unknown[] } => {
  if (Object.hasOwn(body, singular)) return { one: body[singular] };
  const several = Object.hasOwn(body, plural) ? body[plural] : undefined;
  if (!Array.isArray(several)) throw bad(`Unable to find '${singular}' in request body`);
  if (!several.length || several.length > 100) throw bad(`Invalid input for ${plural}: 1 to 100 of them at a time.`);
  return { several };
};
