import { z } from 'zod';
import { ExactNumber } from '../exact-number.js';
import { badTextSentence, dropTrailing } from '../text.js';

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

interface Common {
  required?: boolean;
  nullable?: boolean;
  default?: unknown;
}
type Check<T> = (value: unknown, refuse: (rule: DrfRule, values?: Record<string, unknown>) => never) => T;
class Refused extends Error {}

type Out<T, O extends Common> =
  | T
  | (O extends { nullable: true } ? null : never)
  | (O extends { required: false }
      ? O extends { default: infer D }
        ? D extends null
          ? null
          : never
        : undefined
      : never);

const field = <T, const O extends Common>(
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

export interface CharOptions extends Common {
  max?: number;
  blank?: boolean;
  trim?: boolean;
}
/** More than `max` characters; a pair of surrogates is one. */
const isLonger = (said: string, max: number): boolean =>
  said.length > 2 * max || (said.length > max && [...said].length > max);
const text =
  (o: CharOptions): Check<string> =>
  (value, refuse) => {
    if (typeof value !== 'string' && typeof value !== 'number' && !(value instanceof ExactNumber))
      return refuse('not_string');
    const said = o.trim === false ? String(value) : String(value).trim();
    if (said === '' && !o.blank) return refuse('blank');
    if (o.max !== undefined && isLonger(said, o.max)) return refuse('max_length', { max: o.max });
    const bad = badTextSentence(said);
    return bad === undefined ? said : refuse('text', { text: bad });
  };
/** Text; outer blanks are dropped, numbers become text. */
export const char = <const O extends CharOptions>(o: O) =>
  field<string, O>(o, { type: 'string', ...(o.max !== undefined && { maxLength: o.max }) }, text(o));

const EMAIL = /^[^\s@<>()[\]\\,;:"]+@(?:[^\s@.]+\.)+[A-Za-z0-9-]{2,63}$/;
export const email = <const O extends CharOptions>(o: O) =>
  field<string, O>(o, { type: 'string', format: 'email' }, (value, refuse) => {
    const said = text({ max: 254, ...o })(value, refuse);
    return said === '' || EMAIL.test(said) ? said : refuse('email');
  });

/** Text of a number that is longer is not looked at (the framework's own bound). */
const LONGEST_NUMBER = 1000;
const tooLarge = { text: 'String value too large.' };
const INTEGER = /^\s*[+-]?\d+(_\d+)*\s*(\.0*)?$/;
export interface IntegerOptions extends Common {
  min?: number;
  max?: number;
}
/** A whole number; text that spells one is taken. */
export const integer = <const O extends IntegerOptions>(o: O) =>
  field<number, O>(o, { type: 'integer' }, (value, refuse) => {
    const said = value instanceof ExactNumber ? value.text : value;
    if (typeof said === 'string' && said.length > LONGEST_NUMBER) return refuse('text', tooLarge);
    if (typeof said !== 'number' && !(typeof said === 'string' && INTEGER.test(said))) return refuse('integer');
    const n = typeof said === 'number' ? said : Number(said.replaceAll('_', ''));
    if (!Number.isSafeInteger(n)) return refuse('integer');
    if (o.max !== undefined && n > o.max) return refuse('max_value', { max: o.max });
    if (o.min !== undefined && n < o.min) return refuse('min_value', { min: o.min });
    return n;
  });

const TRUE = new Set<unknown>([
  true,
  1,
  '1',
  't',
  'T',
  'y',
  'Y',
  'yes',
  'YES',
  'true',
  'True',
  'TRUE',
  'on',
  'On',
  'ON',
]);
const FALSE = new Set<unknown>([
  false,
  0,
  '0',
  'f',
  'F',
  'n',
  'N',
  'no',
  'NO',
  'false',
  'False',
  'FALSE',
  'off',
  'Off',
  'OFF',
]);
/** true or false in any of the framework's spellings, and in no other. */
export const boolean = <const O extends Common>(o: O) =>
  field<boolean, O>(o, { type: 'boolean' }, (value, refuse) =>
    TRUE.has(value) ? true : FALSE.has(value) ? false : refuse('boolean'),
  );

const ECHO = 256;
/** What a refusal repeats of what was sent. */
const shortened = (said: string): string => (said.length > ECHO ? `${said.slice(0, ECHO).toWellFormed()}...` : said);
export const choice = <const V extends string, const O extends Common>(values: readonly V[], o: O) =>
  field<V, O>(o, { type: 'string', enum: values }, (value, refuse) =>
    values.includes(value as V)
      ? (value as V)
      : refuse('choice', { input: shortened(typeof value === 'string' ? value : JSON.stringify(value)) }),
  );

const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
/** A UUID, lower-cased and hyphenated. */
export const uuid = <const O extends Common>(o: O) =>
  field<string, O>(o, { type: 'string', format: 'uuid' }, (value, refuse) => {
    if (typeof value !== 'string' || !UUID.test(value)) return refuse('uuid');
    const hex = value.replaceAll('-', '').toLowerCase();
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
  });

export interface DecimalOptions extends Common {
  places?: number;
  min?: string;
}
/** Longest text of an amount: 15 digits, a point and places, with room for blanks. */
const LONGEST_DECIMAL = 40;
const DECIMAL = /^([+-]?)(\d{1,15})(?:\.(\d*))?$/;
/** A decimal kept as text, so that no digit is lost. */
export const decimal = <const O extends DecimalOptions>(o: O) =>
  field<string, O>(
    o,
    { type: 'string', pattern: '^-?\\d+(\\.\\d+)?$', maxLength: LONGEST_DECIMAL },
    (value, refuse) => {
      if (typeof value !== 'string' && typeof value !== 'number' && !(value instanceof ExactNumber))
        return refuse('number');
      const sent = String(value);
      if (sent.length > LONGEST_DECIMAL) return refuse('text', tooLarge);
      const [, sign = '', whole, fraction = ''] = DECIMAL.exec(sent.trim()) ?? [];
      if (whole === undefined) return refuse('number');
      const places = dropTrailing(fraction, '0');
      if (o.places !== undefined && places.length > o.places) return refuse('decimal_places', { max: o.places });
      return `${sign === '-' ? '-' : ''}${whole}${places && `.${places}`}`;
    },
  );

const pythonType = (value: unknown): string =>
  Array.isArray(value)
    ? 'list'
    : value === null
      ? 'NoneType'
      : typeof value === 'string'
        ? 'str'
        : typeof value === 'boolean'
          ? 'bool'
          : typeof value === 'number'
            ? Number.isInteger(value)
              ? 'int'
              : 'float'
            : value instanceof ExactNumber
              ? 'float'
              : 'dict';
export { pythonType };

/** Judges `value` by `schema` and hands its refusals on, under `key` when there is one. */
const nested = (schema: z.ZodType, value: unknown, ctx: z.core.$RefinementCtx, ...key: PropertyKey[]): unknown => {
  const found = schema.safeParse(value);
  if (found.success) return found.data;
  for (const issue of found.error.issues)
    ctx.addIssue({
      code: 'custom',
      params: (issue as { params?: Record<string, unknown> }).params ?? {},
      path: [...key, ...issue.path],
      message: issue.message,
    });
  return undefined;
};
const absent = (options: Common, value: unknown, ctx: z.core.$RefinementCtx): { value: unknown } | undefined => {
  if (value === undefined) {
    if (options.required === false) return { value: options.default };
    refuseWith(ctx, 'required');
    return { value: z.NEVER };
  }
  if (value === null) {
    if (options.nullable) return { value: null };
    refuseWith(ctx, 'null');
    return { value: z.NEVER };
  }
  return undefined;
};
const refuseWith = (ctx: z.core.$RefinementCtx, rule: DrfRule, values: Record<string, unknown> = {}): void =>
  ctx.addIssue({ code: 'custom', params: { rule, values } });
const optional = (options: Common, schema: z.ZodType): z.ZodType =>
  options.required === false ? schema.optional().transform((v) => (v === undefined ? options.default : v)) : schema;

export interface ListOptions extends Common {
  nonEmpty?: boolean;
  max?: number;
}
/** A list whose items are judged each by `item`; their refusals stand under their index. */
export const list = <I extends z.ZodType, const O extends ListOptions>(
  item: I,
  o: O,
): z.ZodType<Out<z.infer<I>[], O>, unknown> =>
  optional(
    o,
    z.unknown().transform((value, ctx): unknown => {
      const none = absent(o, value, ctx);
      if (none) return none.value;
      if (!Array.isArray(value)) {
        refuseWith(ctx, 'not_list', { type: pythonType(value) });
        return z.NEVER;
      }
      if (o.nonEmpty && !value.length) {
        refuseWith(ctx, 'empty_list');
        return z.NEVER;
      }
      const max = o.max ?? 1000;
      if (value.length > max) {
        refuseWith(ctx, 'text', { text: `Ensure this field has no more than ${max} elements.` });
        return z.NEVER;
      }
      return value.map((one, i) => nested(item, one, ctx, i));
    }),
  ).meta({ type: 'array', items: described(item) }) as unknown as z.ZodType<Out<z.infer<I>[], O>, unknown>;

type Shape = Record<string, z.ZodType>;
type DictOf<S extends Shape> = { [K in keyof S]: z.infer<S[K]> };
const described = (schema: z.ZodType): Record<string, unknown> => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  return rest;
};
/** An object; unknown keys are dropped, every field that is refused is named. */
export const dict = <const S extends Shape, const O extends Common>(
  shape: S,
  o: O = {} as O,
): z.ZodType<Out<DictOf<S>, O>, unknown> => {
  const fields = Object.entries(shape);
  const documented = fields.map(([key, one]) => [key, described(one)] as const);
  const needed = fields.filter(([, one]) => !one.safeParse(undefined).success).map(([key]) => key);
  return optional(
    o,
    z.unknown().transform((value, ctx): unknown => {
      const none = absent(o, value, ctx);
      if (none) return none.value;
      if (typeof value !== 'object' || Array.isArray(value) || value instanceof ExactNumber) {
        refuseWith(ctx, 'not_dict', { type: pythonType(value) });
        return z.NEVER;
      }
      const out: Record<string, unknown> = {};
      for (const [key, one] of fields) {
        const got = nested(
          one,
          Object.hasOwn(value as object, key) ? (value as Record<string, unknown>)[key] : undefined,
          ctx,
          key,
        );
        if (got !== undefined) out[key] = got;
      }
      return out;
    }),
  ).meta({
    type: 'object',
    properties: Object.fromEntries(documented),
    ...(needed.length && { required: needed }),
  }) as unknown as z.ZodType<Out<DictOf<S>, O>, unknown>;
};
/** The same fields, none of them required and none defaulted: a PATCH. */
export const partial = <S extends Shape>(shape: S): z.ZodType<Partial<DictOf<S>>, unknown> =>
  dict(
    Object.fromEntries(
      Object.entries(shape).map(([key, one]) => [
        key,
        z
          .unknown()
          .optional()
          .transform((value, ctx) => (value === undefined ? undefined : nested(one, value, ctx)))
          .meta(described(one)),
      ]),
    ),
  ) as unknown as z.ZodType<Partial<DictOf<S>>, unknown>;
