import { z } from 'zod';
import { boundedRecord } from '../../bounded.js';

/** What is wrong with a value: a rule and what its sentence needs, as the face's texts of refusals know them. */
interface Wrong {
  rule: string;
  values?: Record<string, unknown>;
}
/** The kinds of values that Nova's schemas have in common (its published schemas, taken as facts). */
const judged = <T>(
  judge: (value: unknown) => Wrong | undefined,
  meta: Record<string, unknown>,
  read: (value: unknown) => unknown = (value) => value,
): z.ZodType<T, unknown> =>
  z
    .unknown()
    .transform((value, ctx): T => {
      const wrong = judge(value);
      if (!wrong) return read(value) as T;
      ctx.addIssue({ code: 'custom', params: wrong, message: 'Invalid input' });
      return z.NEVER;
    })
    .meta(meta);
const notOf = (...expected: string[]): Wrong => ({ rule: 'invalid_type', values: { expected } });
const lengthOf = (value: string, least: number, most: number): Wrong | undefined =>
  value.length < least ? { rule: 'too_short' } : value.length > most ? { rule: 'too_long' } : undefined;

/** A whole number, which may come as its digits. */
export const novaInteger = (least: number, most: number): z.ZodType<number, unknown> => {
  const pattern = least < 0 ? '^-?[0-9]+$' : '^[0-9]*$';
  return judged<number>(
    (value) => {
      if (typeof value === 'string') {
        const wrong = lengthOf(value, 1, 20);
        if (wrong) return wrong;
        if (!(least < 0 ? /^-?\d+$/ : /^\d+$/).test(value)) return { rule: 'invalid_format', values: { pattern } };
      } else if (!Number.isInteger(value)) return notOf('integer', 'string');
      const number = Number(value);
      if (number < least) return { rule: 'too_small', values: { origin: 'number', minimum: least } };
      return number > most ? { rule: 'too_big', values: { origin: 'number', maximum: most } } : undefined;
    },
    { type: ['integer', 'string'], pattern, minimum: least, maximum: most },
    Number,
  );
};

const TRUE = ['True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes'];
const FALSE = ['False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no'];
const truthOr = <T extends string>(...more: T[]): z.ZodType<boolean | T, unknown> => {
  const all = [true, ...TRUE, false, ...FALSE, ...more];
  return judged<boolean | T>(
    (value) =>
      typeof value !== 'boolean' && typeof value !== 'string'
        ? notOf('boolean', 'string')
        : all.includes(value)
          ? undefined
          : { rule: 'invalid_value', values: { values: all } },
    { type: ['boolean', 'string'], enum: all },
    (value) => (more.includes(value as T) ? value : value === true || TRUE.includes(value as string)),
  );
};
/** True or false, in exactly the spellings that Nova takes. */
export const novaBoolean = truthOr() as z.ZodType<boolean, unknown>;
export const novaBooleanOrAuto = truthOr('auto');

/** A text of which a pattern is known; the pattern is looked at only when the length fits. */
export const patterned = (
  least: number,
  most: number,
  regex: RegExp,
  shown = regex.source,
): z.ZodType<string, unknown> =>
  judged<string>(
    (value) =>
      typeof value !== 'string'
        ? notOf('string')
        : (lengthOf(value, least, most) ??
          (regex.test(value) ? undefined : { rule: 'invalid_format', values: { pattern: shown } })),
    { type: 'string', minLength: least, maxLength: most, pattern: shown },
  );
const UUID = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;
const dashed = (text: string): string =>
  text.replaceAll('-', '').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
/** An id, with its dashes or without. */
export const novaUuid = judged<string>(
  (value) =>
    typeof value !== 'string'
      ? notOf('string')
      : value.length <= 36 && UUID.test(value)
        ? undefined
        : { rule: 'invalid_format', values: { format: 'uuid' } },
  { type: 'string', format: 'uuid' },
  (value) => dashed(value as string),
);
/** Printable characters, without spaces at the ends. */
export const novaName = judged<string>(
  (value) =>
    typeof value !== 'string'
      ? notOf('string')
      : (lengthOf(value, 1, 255) ??
        (/^[^\p{C}\p{Zl}\p{Zp}]*$/u.test(value) && value.trim() === value ? undefined : { rule: 'printable_name' })),
  { type: 'string', format: 'name', minLength: 1, maxLength: 255 },
);
/** Printable characters; a line break is none. */
export const novaDescription = (most: number): z.ZodType<string | null, unknown> =>
  judged<string | null>(
    (value) =>
      value === null
        ? undefined
        : typeof value !== 'string'
          ? notOf('string', 'null')
          : (lengthOf(value, 0, most) ??
            (/^[^\p{C}\p{Zl}\p{Zp}]*$/u.test(value)
              ? undefined
              : { rule: 'invalid_format', values: { format: 'text of printable characters' } })),
    { type: ['string', 'null'], maxLength: most },
  );
const oneAddress = z.union([z.ipv4(), z.ipv6()]);
export const novaAddress = judged<string>(
  (value) =>
    typeof value !== 'string'
      ? notOf('string')
      : value.length <= 64 && oneAddress.safeParse(value).success
        ? undefined
        : { rule: 'invalid_format', values: { format: 'ipv4 or ipv6' } },
  { type: 'string', format: 'ip' },
);
/** Where a server can be reached; Nefos takes the empty text, too, which takes the address back. */
export const novaAccess = (version: 4 | 6): z.ZodType<string, unknown> => {
  const address = version === 4 ? z.ipv4() : z.ipv6();
  return judged<string>(
    (value) =>
      typeof value !== 'string'
        ? notOf('string')
        : value === '' || (value.length <= 64 && address.safeParse(value).success)
          ? undefined
          : { rule: 'invalid_format', values: { format: `ipv${version}` } },
    { type: 'string', format: `ipv${version}` },
  );
};
/** A tag of a server or of a device. */
export const novaTag = patterned(1, 60, /^[^,/]*$/);
/** What a guest is called by itself. */
export const novaHostname = patterned(
  2,
  63,
  /^[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])$/,
  '^[a-zA-Z0-9]+[a-zA-Z0-9-]*[a-zA-Z0-9]+$',
);
/** The name of a host. */
export const novaFqdn = patterned(1, 255, /^[a-zA-Z0-9\-._]*$/, '^[a-zA-Z0-9-._]*$');
/** Where a guest sees a disk. */
export const novaDevice = patterned(
  0,
  255,
  /^\/dev\/x?[a-z]?d?[a-z]+\d*$/,
  '(^/dev/x{0,1}[a-z]{0,1}d{0,1})([a-z]+)[0-9]*$',
);
export const novaFlavorRef = judged<string | number>(
  (value) =>
    typeof value === 'string'
      ? lengthOf(value, 1, 255)
      : Number.isInteger(value)
        ? undefined
        : notOf('string', 'integer'),
  { type: ['string', 'integer'], minLength: 1, maxLength: 255 },
);

const KEY = /^[a-zA-Z0-9\-_:. ]{1,255}$/;
/** Names and values, at most `most`; names have letters, digits and a few signs. */
export const novaMetadata = <T extends z.ZodType>(
  value: T,
  most: number,
): z.ZodType<Record<string, z.infer<T>>, unknown> =>
  boundedRecord(value, most).check((ctx) => {
    const wrong = Object.keys(ctx.value).filter((name) => !KEY.test(name));
    if (wrong.length)
      ctx.issues.push({
        code: 'custom',
        input: ctx.value,
        params: { rule: 'unmatched_keys', values: { keys: wrong, pattern: '^[a-zA-Z0-9-_:. ]{1,255}$' } },
        message: 'Invalid input',
      });
  });
export const serverMetadata = novaMetadata(z.string().max(255), 128);
