import { z } from 'zod';
import { ExactNumber } from '../exact-number.js';
import { field, type Common, type DrfRule, type Out } from './field.js';

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
export interface JsonObjectOptions extends Common {
  /** Characters that it may have as JSON. */
  max: number;
}
/** Any object: what is in it is judged by who knows it. */
export const jsonObject = <const O extends JsonObjectOptions>(o: O) =>
  field<Record<string, unknown>, O>(o, { type: 'object', additionalProperties: true }, (value, refuse) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof ExactNumber)
      return refuse('not_dict', { type: pythonType(value) });
    if (JSON.stringify(value).length > o.max)
      return refuse('text', { text: `Ensure this field has no more than ${o.max} characters.` });
    return value as Record<string, unknown>;
  });
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
/** As `partial`, and a key that is none of the fields is refused, as OpenStack does. */
export const closed = <S extends Shape>(shape: S): z.ZodType<Partial<DictOf<S>>, unknown> => {
  const fields = partial(shape);
  return z
    .unknown()
    .transform((value, ctx): unknown => {
      const given = typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.keys(value) : [];
      for (const key of given.filter((one) => !Object.hasOwn(shape, one)).slice(0, 100))
        ctx.addIssue({ code: 'custom', params: { rule: 'not_allowed' }, path: [key] });
      return nested(fields, value, ctx);
    })
    .meta({ ...described(fields), additionalProperties: false }) as unknown as z.ZodType<Partial<DictOf<S>>, unknown>;
};
