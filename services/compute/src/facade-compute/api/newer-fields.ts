import type { ComputeRequest } from '../../ctx.js';
import { unexpected } from '../../facade/api/issue-text.js';
import { since } from '../../facade/api/microversion.js';
import { plainText } from '../../facade/api/python-text.js';
import type { FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';

/** Minor versions that have a field: from the first on, until before the second. */
type Span = readonly [from: number, until?: number];
/** The spans of fields by name; a number alone is where a field comes, and it stays. */
export type Spans = Readonly<Record<string, number | readonly Span[]>>;

const has = (ctx: ComputeRequest, spans: number | readonly Span[]): boolean =>
  (typeof spans === 'number' ? [[spans] as const] : spans).some(
    ([from, until]: Span) => since(ctx, from) && (until === undefined || !since(ctx, until)),
  );
/**
 * Refuses fields that the microversion does not have: those that came later, and those that are gone by then.
 * @param attribute where in the body the fields stand
 * @throws Fault invalid
 */
export const demandFieldsOf = (ctx: ComputeRequest, body: object, spans: Spans, attribute = 'server'): void => {
  const wrong = Object.entries(spans)
    .filter(([name, span]) => Object.hasOwn(body, name) && !has(ctx, span))
    .map(([name]) => name);
  if (wrong.length)
    throw faceFault(
      'invalid',
      `Invalid input for field/attribute ${attribute}. Value: ${plainText(body)}. ${unexpected(wrong)}`,
    );
};
/** Names of a query: those without a number are known from the beginning, others from a minor version on. */
type Known = readonly (string | readonly [name: string, from: number])[];
/**
 * Unknown names in a query are refused from 2.75 on (contract compute §12.2).
 * @param from the minor version, of lists that were as strict before
 * @throws Fault invalid
 */
export const demandKnownQuery = (ctx: ComputeRequest, query: FaceQuery, known: Known, from = 75): void => {
  if (!since(ctx, from)) return;
  const names = new Set(known.flatMap((one) => (typeof one === 'string' ? [one] : since(ctx, one[1]) ? [one[0]] : [])));
  const wrong = Object.keys(query).filter((name) => !names.has(name));
  if (wrong.length) throw faceFault('invalid', unexpected(wrong.map((name) => name.slice(0, 100))));
};
