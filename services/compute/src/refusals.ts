import { Fault, invalid, type FaultKind, type Issue } from '@nefos/service-kit';
import type { Wording } from './wording.js';
import { catalogWords } from './words-catalog.js';
import { cloudWords } from './words-cloud.js';
import { facadeWords } from './words-facade.js';
import { networkWords } from './words-network.js';
import { consoleWords } from './words-consoles.js';
import { peopleWords } from './words-people.js';
import { trafficWords } from './words-traffic.js';
import { volumeWords } from './words-volumes.js';

const words = {
  ...peopleWords,
  ...catalogWords,
  ...cloudWords,
  ...networkWords,
  ...consoleWords,
  ...trafficWords,
  ...volumeWords,
  ...facadeWords,
};
type AllWords = typeof words;
/** What the domain can refuse in words of its own. */
export type RefusalCode = keyof AllWords;
/** What the sentence of a refusal names. */
type ValuesOf<C extends RefusalCode> = AllWords[C]['text'] extends (values: infer V) => string ? [values: V] : [];

/**
 * A refusal; the dialect finds its sentence by the code.
 * @example throw refusal('conflict', 'client.held', { hold })
 */
export const refusal = <C extends RefusalCode>(kind: FaultKind, code: C, ...[values]: ValuesOf<C>): Fault =>
  new Fault(kind, code, { ...(values as Record<string, unknown> | undefined) });
/**
 * One refused value of a request.
 * @param path where it stands in the request's document; [] is the document as a whole
 */
export const refusedValue = <C extends RefusalCode>(
  path: readonly PropertyKey[],
  code: C,
  ...[values]: ValuesOf<C>
): Issue => ({ path, rule: code, values: { ...(values as Record<string, unknown> | undefined) } });
/** A value that names nothing. */
export const unknownKey = (path: readonly PropertyKey[], pk: string | number): Issue => {
  const values = { pk };
  return { path, rule: 'pk', values };
};
/** The refusal of a request for one value. */
export const invalidValue = <C extends RefusalCode>(
  path: readonly PropertyKey[],
  code: C,
  ...values: ValuesOf<C>
): Fault => invalid([refusedValue(path, code, ...values)]);

/** The wording of a code, where it has one: the codes of the kit have none. */
export const wordingOf = (code: string): Wording | undefined =>
  Object.hasOwn(words, code) ? (words as Record<string, Wording>)[code] : undefined;
export const sentenceOf = ({ text }: Wording, values: Record<string, unknown>): string =>
  typeof text === 'string' ? text : text(values);
