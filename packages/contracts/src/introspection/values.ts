import { z } from 'zod';

/** A node by its UUID, in any spelling, or its name. */
export const nodeParam = z.object({ node: z.string().max(4096).meta({ description: 'UUID or name of a node' }) });
/** A query parameter of which the first value counts when it is repeated (contract introspection §1.2). */
export const firstOf = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value: unknown) => (Array.isArray(value) ? (value as unknown[])[0] : value), schema);

const TRUE = ['1', 't', 'true', 'on', 'y', 'yes'];
const FALSE = ['0', 'f', 'false', 'off', 'n', 'no'];
/** A boolean in the spellings of the original, in any case; anything else is refused, also nothing. */
export const pythonBoolean = (name: string, otherwise: boolean) =>
  z
    .string()
    .optional()
    .transform((given, ctx) => {
      if (given === undefined) return otherwise;
      const text = given.trim().toLowerCase();
      if (TRUE.includes(text)) return true;
      if (FALSE.includes(text)) return false;
      ctx.addIssue({ code: 'custom', message: `${name} is one of ${[...TRUE, ...FALSE].join(', ')}` });
      return z.NEVER;
    })
    .meta({ type: 'boolean', default: otherwise });
/** A whole number with blanks around it. */
export const wholeText = (name: string) =>
  z
    .string()
    .optional()
    .transform((given, ctx) => {
      if (given === undefined) return undefined;
      if (/^\s*\+?\d{1,9}\s*$/.test(given)) return Number(given);
      ctx.addIssue({ code: 'custom', message: `${name} is a whole number of at least 0` });
      return z.NEVER;
    })
    .meta({ type: 'integer', minimum: 0 });
/** Names with commas between them, in their exact spelling. */
export const stateList = <const T extends string>(names: readonly T[]) =>
  z
    .string()
    .max(4096)
    .optional()
    .transform((given, ctx): T[] | undefined => {
      if (given === undefined) return undefined;
      const asked = given.split(',');
      const bad = [...new Set(asked.filter((one) => !(names as readonly string[]).includes(one)))];
      if (!bad.length) return [...new Set(asked)] as T[];
      const shown = bad.map((one) => JSON.stringify(one.slice(0, 100))).slice(0, 20);
      ctx.addIssue({ code: 'custom', message: `${shown.join(', ')}: not among ${names.join(', ')}` });
      return z.NEVER;
    })
    .meta({ type: 'string', description: `of ${names.join(', ')}, with commas between them` });
