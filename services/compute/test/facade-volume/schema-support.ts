/** What a field of a request takes, up to its bounds, and what it refuses. */
export interface Field {
  good: readonly unknown[];
  bad: readonly unknown[];
}
export interface RequestSchema {
  what: string;
  method: 'post' | 'put';
  path: string;
  envelope: string;
  /** What the request has beside the field; called for each. */
  base: () => Record<string, unknown>;
  fields: Readonly<Record<string, Field>>;
  /** Statuses of a request that is taken. Of what is looked for after the schema, 404. */
  taken: readonly number[];
  as?: 'user' | 'staff';
  version?: string;
  /** What it begins has to end before the next one. */
  busy?: boolean;
  /** Fields without which it is refused. */
  required?: readonly string[];
  /** Names beside the known ones are taken: it is a record. */
  open?: boolean;
}

const long = (length: number): string => 'x'.repeat(length);
const NO_TEXT = [1, true, [], {}, ['x']];
export const NAME: Field = { good: ['', null, ' x ', long(255)], bad: [long(256), ...NO_TEXT] };
/** Of volumes. */
export const TEXT: Field = { good: ['', null, 'a\nb', long(255)], bad: [long(256), ...NO_TEXT] };
/** Of everything else: one line. */
export const LINE: Field = { good: ['', null, 'ä ö', long(255)], bad: [long(256), 'a\nb', 'a\u2028b', ...NO_TEXT] };
const WORDS_BAD = [
  { [long(256)]: 'x' },
  { ä: 'x' },
  { ' ': 'x' },
  { '': 'x' },
  { a: long(256) },
  { a: 1 },
  { a: null },
  { a: {} },
  Object.fromEntries(Array.from({ length: 129 }, (_one, i) => [`k${i}`, 'x'])),
  [],
  'x',
  1,
];
export const WORDS: Field = {
  good: [
    Object.fromEntries(Array.from({ length: 128 }, (_one, i) => [`k${i}`, 'x'])),
    { [long(255)]: long(255), 'A-z_0:. /': '' },
    {},
  ],
  bad: [...WORDS_BAD, null],
};
export const WORDS_OR_NULL: Field = { good: [...WORDS.good, null], bad: WORDS_BAD };
export const FLAG: Field = {
  good: [false, 'False', 'false', '0', 'off', 'NO', 'n', 'f'],
  bad: ['maybe', '', 'fALSE', 0, 1, null, [], {}],
};
export const FLAG_OR_NULL: Field = { good: [...FLAG.good, null], bad: FLAG.bad.filter((one) => one !== null) };
const NO_ID = ['x', '', '0b0b0b0b-0000-4000-8000-0000000000000', 'g0b0b0b0-0000-4000-8000-000000000000', 1, [], {}];
export const ID_OR_NULL: Field = { good: [null], bad: NO_ID };
export const ID: Field = { good: [], bad: [...NO_ID, null] };
export const numeral = (least: number, most: number, good: readonly unknown[] = [least, most]): Field => ({
  good: [...good, ...good.map(String)],
  bad: [least - 1, most + 1, String(least - 1), String(most + 1), 1.5, '1.5', 'x', '', true, [], {}],
});
export const CHOICE = (...good: readonly unknown[]): Field => ({ good, bad: ['other', '', 1, true, [], {}] });
