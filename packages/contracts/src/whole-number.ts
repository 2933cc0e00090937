import { z } from 'zod';

/** The longest that Python reads. */
const LONGEST = 4300;
const INTEGER = /^\s*[+-]?\d+(_\d+)*\s*$/;
/**
 * The one reader of a stranger's whole number in a parameter, as Python's `int`: outer blanks, `_` between digits. A number beyond what is
 * held exactly is held at that bound. undefined: it is none.
 */
export const wholeNumber = (text: string | undefined): number | undefined => {
  if (text === undefined || text.length > LONGEST || !INTEGER.test(text)) return undefined;
  const n = Number(text.replaceAll('_', ''));
  return Math.max(-Number.MAX_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, n));
};
/** How many rows of a page are asked for; more than `most` is `most`. undefined: no number above zero. */
export const rowsOf = (text: string | undefined, most: number): number | undefined => {
  const n = wholeNumber(text);
  return n !== undefined && n > 0 ? Math.min(n, most) : undefined;
};

/**
 * A parameter that is a whole number, at least `min`; more than `most` is `most`, absent is `otherwise`, anything else is refused. Of several
 * the last counts.
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
    .transform((said, ctx) => {
      const n = said === undefined ? otherwise : wholeNumber(said);
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
/** A number in decimal digits and nothing else, at most `most`: what we wrote ourselves into a path or a form. */
export const writtenNumber = ({ min, most }: { min: number; most: number }) =>
  z
    .string()
    .refine((said) => /^(0|[1-9]\d{0,14})$/.test(said) && Number(said) >= min && Number(said) <= most, {
      error: `digits, ${min} to ${most}`,
    })
    .transform(Number)
    .meta({ type: 'integer', minimum: min, maximum: most });
/** `limit` of a list whose longest page is `most`. */
export const limitParameter = (most: number) => wholeParameter({ min: 1, most, otherwise: most });
