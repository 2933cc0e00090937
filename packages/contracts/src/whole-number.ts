import { z } from 'zod';

/** The longest that Python reads. */
const LONGEST = 4300;
const INTEGER = /^\s*[+-]?\d+(_\d+)*\s*$/;
/**
 * Reads a whole number of a request parameter as Python's `int` does: outer blanks, `_` between digits. A number beyond
 * the safe integers becomes the largest (or smallest) safe integer. undefined: the text is no whole number.
 */
export const wholeNumber = (text: string | undefined): number | undefined => {
  if (text === undefined || text.length > LONGEST || !INTEGER.test(text)) return undefined;
  const n = Number(text.replaceAll('_', ''));
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, n));
};
/** Rows of a page that a request asks for, at most `most`. undefined: no number above zero. */
export const rowsOf = (text: string | undefined, most: number): number | undefined => {
  const n = wholeNumber(text);
  return n !== undefined && n > 0 ? Math.min(n, most) : undefined;
};

/**
 * A parameter that is a whole number of at least `min`. More than `most` becomes `most`, absent becomes `otherwise`,
 * anything else is refused. When it is repeated, the last value counts.
 */
export const wholeParameter = ({
  min,
  most = Number.MAX_SAFE_INTEGER,
  otherwise,
}: {
  min: number;
  most?: number;
  otherwise: number;
}) =>
  z
    .preprocess((value: unknown) => (Array.isArray(value) ? (value as unknown[]).at(-1) : value), z.string().optional())
    .transform((given, ctx) => {
      const n = given === undefined ? otherwise : wholeNumber(given);
      if (n !== undefined && n >= min) return Math.min(n, most);
      ctx.addIssue({ code: 'custom', message: `a whole number, at least ${min}` });
      return z.NEVER;
    })
    .meta({
      type: 'integer',
      minimum: min,
      default: otherwise,
      description: `default ${otherwise}${most < Number.MAX_SAFE_INTEGER ? `; more than ${most} is ${most}` : ''}`,
    });
/** A number of decimal digits only, from `min` to `most`: in a path or form that we wrote ourselves. */
export const writtenNumber = ({ min, most }: { min: number; most: number }) =>
  z
    .string()
    .refine((given) => /^(0|[1-9]\d{0,14})$/.test(given) && Number(given) >= min && Number(given) <= most, {
      error: `digits, ${min} to ${most}`,
    })
    .transform(Number)
    .meta({ type: 'integer', minimum: min, maximum: most });
/** `limit` of a list whose longest page is `most`. */
export const limitParameter = (most: number) => wholeParameter({ min: 1, most, otherwise: most });
