import type { FaultParams, Issue } from './fault.js';

type Values = Record<string, unknown>;
/** Rule to sentence, in the framework's words (contract compute §1.2, contract metering §3). */
const SENTENCES: Record<string, (v: Values) => string> = {
  required: () => 'This field is required.',
  null: () => 'This field may not be null.',
  blank: () => 'This field may not be blank.',
  not_string: () => 'Not a valid string.',
  max_length: (v) => `Ensure this field has no more than ${String(v.max)} characters.`,
  email: () => 'Enter a valid email address.',
  integer: () => 'A valid integer is required.',
  number: () => 'A valid number is required.',
  boolean: () => 'Must be a valid boolean.',
  uuid: () => 'Must be a valid UUID.',
  choice: (v) => `"${String(v.input)}" is not a valid choice.`,
  pk: (v) => `Invalid pk "${String(v.pk)}" - object does not exist.`,
  slug: (v) => `Object with ${typeof v.field === 'string' ? v.field : 'name'}=${String(v.value)} does not exist.`,
  unique: () => 'This field must be unique.',
  not_list: (v) => `Expected a list of items but got type "${String(v.type)}".`,
  empty_list: () => 'This list may not be empty.',
  max_value: (v) => `Ensure this value is less than or equal to ${String(v.max)}.`,
  min_value: (v) => `Ensure this value is greater than or equal to ${String(v.min)}.`,
  decimal_places: (v) => `Ensure that there are no more than ${String(v.max)} decimal places.`,
  datetime: () =>
    'Datetime has wrong format. Use one of these formats instead: YYYY-MM-DDThh:mm[:ss[.uuuuuu]][+HH:MM|-HH:MM|Z].',
  not_dict: (v) => `Invalid data. Expected a dictionary, but got ${String(v.type)}.`,
  not_allowed: () => 'This field is not allowed.',
  text: (v) => String(v.text),
};
const CROSS = 'non_field_errors';

/**
 * Refusals as the nested document of the framework: field, to its list of sentences; what concerns no field under
 * `non_field_errors`.
 */
export const drfErrors = ({ issues = [] }: FaultParams): Record<string, unknown> => {
  // Without a prototype: a client may name a field `__proto__`.
  const table = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>;
  const out = table();
  for (const { path, rule, values = {} } of issues) {
    const keys = path.map(String);
    if (!keys.length || rule === 'not_dict') keys.push(CROSS);
    let at = out;
    for (const key of keys.slice(0, -1)) at = (at[key] ??= table()) as Record<string, unknown>;
    ((at[keys.at(-1) as string] ??= []) as string[]).push(sentence({ path, rule, values }));
  }
  return out;
};
export const sentence = ({ rule, values = {} }: Issue): string => (SENTENCES[rule] ?? (() => rule))(values);

/** `{"detail": ...}` of the framework's own refusals. */
export const DRF_DETAIL = {
  method: (method: string) => `Method "${method}" not allowed.`,
  mediaType: (type: string) => `Unsupported media type "${type}" in request.`,
  notAcceptable: 'Could not satisfy the request Accept header.',
  parse: (reason: string) => `JSON parse error - ${reason}`,
  notFound: 'Not found.',
  forbidden: 'You do not have permission to perform this action.',
  unauthenticated: 'Authentication credentials were not provided.',
  internal: 'A server error occurred.',
  throttled: (seconds: number) =>
    `Request was throttled. Expected available in ${seconds} second${seconds === 1 ? '' : 's'}.`,
} as const;
