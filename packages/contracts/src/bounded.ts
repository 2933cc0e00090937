import { z } from 'zod';

/** Items after this many issues are not validated. */
export const MAX_ISSUES = 100;
const described = (schema: z.ZodType): Record<string, unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
};

/**
 * A list of at most `max` items. `z.array(item).max(max)` judges every item before the length and keeps an issue for
 * each bad one: half a million bad items block the process for seconds. Here the length is judged first, and judging
 * ends after MAX_ISSUES issues. A list that is too long has the rule `too_long`, with `most`.
 */
export const boundedArray = <T extends z.ZodType>(item: T, max: number, min = 0): z.ZodType<z.infer<T>[], unknown> =>
  z
    .unknown()
    .transform((value, ctx): z.infer<T>[] => {
      const refuse = (rule: string, values: Record<string, unknown>, message: string): never => {
        ctx.addIssue({ code: 'custom', params: { rule, values }, message });
        return z.NEVER;
      };
      if (!Array.isArray(value)) return refuse('invalid_type', { expected: 'array' }, 'Invalid input: expected array');
      if (value.length > max) return refuse('too_long', { most: max }, `Too long: at most ${max} items`);
      if (value.length < min) return refuse('too_short', { least: min }, `Too short: at least ${min} items`);
      const accepted: z.infer<T>[] = [];
      let issues = 0;
      for (let i = 0; i < value.length && issues < MAX_ISSUES; i += 1) {
        const found = item.safeParse(value[i]);
        if (found.success) accepted.push(found.data);
        else
          for (const issue of found.error.issues) {
            issues += 1;
            ctx.addIssue({ ...issue, path: [i, ...issue.path] });
          }
      }
      return accepted;
    })
    .meta({ type: 'array', items: described(item), maxItems: max, ...(min && { minItems: min }) });

const isNamed = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
/** An object of at most `max` names of the caller's choice; the number of names is checked before the values. */
export const boundedRecord = <T extends z.ZodType>(
  item: T,
  max: number,
): z.ZodType<Record<string, z.infer<T>>, unknown> =>
  z
    .unknown()
    // A list is refused by what follows; to count the names of a long one takes time.
    .refine((value) => !isNamed(value) || Object.keys(value).length <= max, {
      abort: true,
      params: { rule: 'too_long', values: { most: max } },
      error: `Too long: at most ${max} names`,
    })
    // The schema of the names would drop it, unread.
    .refine((value) => !isNamed(value) || !Object.hasOwn(value, '__proto__'), {
      abort: true,
      params: { rule: 'unrecognized_keys', values: { keys: ['__proto__'] } },
      error: 'The name __proto__ is not taken',
    })
    .pipe(z.record(z.string(), item))
    .meta({ type: 'object', additionalProperties: described(item), maxProperties: max });
