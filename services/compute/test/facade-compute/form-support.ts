import type { Response } from 'supertest';

/** How Nova's refusals of a form begin (contract compute §12.2, the row "Validation text"). */
const FORM =
  /^(Invalid input for (field\/attribute|query parameters) |Additional properties are not allowed |An invalid )/;
const said = (body: unknown): string =>
  (Object.values((body ?? {}) as Record<string, { message?: string }>)[0] as { message?: string } | undefined)
    ?.message ?? '';

/** What a request was refused for, when it was for its form: a 400 in Nova's words. */
export const formRefusal = ({ status, body }: Response): string | undefined =>
  status === 400 && FORM.test(said(body)) ? said(body) : undefined;
/** The sentence of a 400 in Nova's form; anything else throws. */
export const refusedForm = (response: Response): string => {
  expect({ status: response.status, keys: Object.keys(response.body as object) }).toEqual({
    status: 400,
    keys: ['badRequest'],
  });
  return said(response.body);
};
export const at = (minor: number): string => `compute 2.${minor}`;

/** Values that a field takes, and those that it does not, with a part of what is said of them. */
export interface FieldCase {
  field: string;
  /** Of the request; absent: the newest. */
  minor?: number;
  taken: readonly unknown[];
  refused: readonly (readonly [value: unknown, words: string])[];
}
const long = (n: number): string => 'x'.repeat(n);
const name = {
  taken: ['a', long(255), 'with space', 'Zürich-Ä'],
  refused: [
    ['', "'' is too short"],
    [long(256), 'is too long'],
    [' a', "An invalid 'name' value was provided"],
    ['a ', "An invalid 'name' value was provided"],
    ['a\tb', "An invalid 'name' value was provided"],
    [7, "7 is not of type 'string'"],
    [null, "None is not of type 'string'"],
  ],
} as const;
const bool = {
  taken: [true, false, 'True', 'TRUE', '1', 'on', 'YES', 'False', '0', 'Off', 'no'],
  refused: [
    ['perhaps', "'perhaps' is not one of [True, 'True'"],
    ['t', "'t' is not one of"],
    [1, "1 is not of type 'boolean', 'string'"],
    [null, "None is not of type 'boolean', 'string'"],
  ],
} as const;
const uuid = {
  refused: [
    ['x', "'x' is not a 'uuid'"],
    ['', "'' is not a 'uuid'"],
    [7, "7 is not of type 'string'"],
  ],
} as const;
const metadata = {
  taken: [{}, { 'a-Z_0:. ': '' }, { [long(255)]: long(255) }],
  refused: [
    [{ 'a/b': '1' }, "'a/b' does not match any of the regexes: '^[a-zA-Z0-9-_:. ]{1,255}$'"],
    [{ '': '1' }, 'does not match any of the regexes'],
    [{ [long(256)]: '1' }, 'does not match any of the regexes'],
    [{ a: long(256) }, 'is too long'],
    [{ a: 1 }, "1 is not of type 'string'"],
    [{ a: null }, "None is not of type 'string'"],
    [[], 'is not'],
  ],
} as const;
const tag = {
  refused: [
    ['', "'' is too short"],
    [long(61), 'is too long'],
    ['a,b', "'a,b' does not match '^[^,/]*$'"],
    ['a/b', "'a/b' does not match '^[^,/]*$'"],
    [1, "1 is not of type 'string'"],
  ],
} as const;
/** Facts of Nova's parameter types: what each takes, and one beyond. */
export const TYPES = { name, bool, uuid, metadata, tag, long };
