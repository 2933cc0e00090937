import { z } from 'zod';

/**
 * Field schemas that judge a value the way Django REST framework does (contract compute §1.2, contract metering §3).
 * A refusal carries a rule and its parameters, no prose: the words are made from them by `service-kit/drf`.
 */
export type DrfRule =
  | 'required'
  | 'null'
  | 'blank'
  | 'not_string'
  | 'max_length'
  | 'email'
  | 'integer'
  | 'number'
  | 'boolean'
  | 'uuid'
  | 'choice'
  | 'pk'
  | 'slug'
  | 'unique'
  | 'not_list'
  | 'empty_list'
  | 'max_value'
  | 'min_value'
  | 'max_digits'
  | 'decimal_places'
  | 'datetime'
  | 'not_dict'
  | 'text'
  | 'not_allowed';
export interface DrfIssue {
  path: PropertyKey[];
  rule: DrfRule;
  values?: Record<string, unknown>;
}

export interface Common {
  required?: boolean;
  nullable?: boolean;
  default?: unknown;
}
export type Check<T> = (value: unknown, refuse: (rule: DrfRule, values?: Record<string, unknown>) => never) => T;
class Refused extends Error {}

export type Out<T, O extends Common> =
  | T
  | (O extends { nullable: true } ? null : never)
  | (O extends { required: false }
      ? O extends { default: infer D }
        ? D extends null
          ? null
          : never
        : undefined
      : never);

export const field = <T, const O extends Common>(
  options: O,
  meta: Record<string, unknown>,
  check: Check<T>,
): z.ZodType<Out<T, O>, unknown> => {
  const schema = z.unknown().transform((value, ctx): unknown => {
    const refuse = (rule: DrfRule, values: Record<string, unknown> = {}): never => {
      ctx.addIssue({ code: 'custom', params: { rule, values } });
      throw new Refused();
    };
    try {
      if (value === undefined) return options.required === false ? options.default : refuse('required');
      if (value === null) return options.nullable ? null : refuse('null');
      return check(value, refuse);
    } catch (err) {
      if (err instanceof Refused) return z.NEVER;
      throw err;
    }
  });
  return (options.required === false
    ? schema.optional().transform((v) => (v === undefined ? options.default : v))
    : schema
  ).meta(
    options.nullable
      ? {
          ...meta,
          type: [meta.type, 'null'],
          ...(Array.isArray(meta.enum) && { enum: [...(meta.enum as unknown[]), null] }),
        }
      : meta,
  ) as unknown as z.ZodType<Out<T, O>, unknown>;
};
