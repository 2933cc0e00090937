/** Which text can be stored; the same for every service. */

/** `nul`: the character NUL, which PostgreSQL does not store. `surrogate`: half of a pair, which no UTF-8 can spell. */
export type BadText = 'nul' | 'surrogate';

/** Why a text can not be stored; undefined when it can. */
export const badText = (text: string): BadText | undefined =>
  text.includes('\0') ? 'nul' : text.isWellFormed() ? undefined : 'surrogate';

const LONE = /\p{Surrogate}/u;
/** The same as a sentence, in Django REST framework's words. */
export const badTextSentence = (text: string): string | undefined => {
  const bad = badText(text);
  if (bad === undefined) return undefined;
  if (bad === 'nul') return 'Null characters are not allowed.';
  const code = LONE.exec(text)?.[0].charCodeAt(0) ?? 0;
  return `Surrogate characters are not allowed: U+${code.toString(16).toUpperCase()}.`;
};

/** `text` without the characters `last` at its end, in one pass: a pattern such as `/0+$/` takes quadratic time. */
export const dropTrailing = (text: string, last: string): string => {
  let end = text.length;
  while (end > 0 && text[end - 1] === last) end -= 1;
  return text.slice(0, end);
};
