/** Rules about single fields, in the `issues` of a refusal of kind `invalid`; words.ts has their sentences. */
export const NOT_AN_INTEGER = 'integer.named';
export const NOT_A_DATE = 'date.named';
export const NOT_A_DATE_TIME = 'date_time';
export const FIXED_FIELD = 'fixed';
export const ARN_KNOWN = 'arn.known';
