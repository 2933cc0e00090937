import { issuesOf, type Fault } from '@nefos/service-kit';
import type { z } from 'zod';
import { pythonText } from '../../facade/api/python-text.js';
import { faceFault } from '../../facade/api/refused.js';

const bad = (message: string): Fault => faceFault('invalid', message, 'HTTPBadRequest');
/**
 * The attributes of one thing, judged in Neutron's words.
 * @throws Fault invalid
 */
export const readAttributes = <S extends z.ZodType>(schema: S, given: unknown): z.infer<S> => {
  const found = schema.safeParse(given);
  if (found.success) return found.data;
  const [issue] = issuesOf(found.error);
  const { path = [], rule, values = {} } = issue ?? {};
  const [name] = path;
  if (rule === 'unrecognized_keys' && !path.length)
    throw bad(`Unrecognized attribute(s) '${(values.keys as string[]).map((one) => one.slice(0, 100)).join(', ')}'`);
  const value =
    typeof given === 'object' && given !== null && name !== undefined
      ? (given as Record<PropertyKey, unknown>)[name]
      : given;
  if (name === undefined) throw bad('Failed to parse request. The body is not a document of attributes.');
  if (value === undefined) throw bad(`Failed to parse request. Required attribute '${String(name)}' not specified`);
  throw bad(`Invalid input for ${String(name)}. Reason: ${pythonText(value)} is not valid.`);
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
