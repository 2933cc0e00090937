import path from 'node:path';
import { invalid } from '@nefos/service-kit';
import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';

/** Readers of options. Each throws an InvalidArgumentError, whose text commander prints. */
const refuse = (message: string): never => {
  throw new InvalidArgumentError(message);
};
/** Reads a whole number from 1 to `max`. */
export const wholeNumber =
  (max: number) =>
  (text: string): number => {
    const number = /^[1-9]\d{0,8}$/.test(text) ? Number(text) : Number.NaN;
    return number <= max ? number : refuse(`a whole number from 1 to ${max}`);
  };
export const yesNo = (text: string): boolean => (text === 'yes' ? true : text === 'no' ? false : refuse('yes or no'));
/** Collects the values of an option that may be given several times; `none` is none at all. */
export const collect = (text: string, values: readonly string[] = []): string[] =>
  text === 'none' ? [] : [...values, text];
/** `none` takes a value away. (Not a reader: commander makes an empty text of null.) */
export const orNone = (text: string | undefined): string | null | undefined => (text === 'none' ? null : text);
/** Collects pairs such as `start-end`, as objects with these two names. */
export const pairOf =
  (separator: string, first: string, second: string) =>
  (text: string, values: readonly Record<string, string>[] = []): Record<string, string>[] => {
    if (text === 'none') return [];
    const [left = '', right = '', ...more] = text.split(separator);
    if (!left || !right || more.length) return refuse(`<${first}>${separator}<${second}>`);
    return [...values, { [first]: left, [second]: right }];
  };
/** A file as one types its name: npm runs scripts in the root of the project, wherever it was called. */
export const fileAt = (name: string): string => path.resolve(process.env.INIT_CWD ?? process.cwd(), name);

/**
 * Values of options as the body of a request: the same schema judges both, so that the command line takes what the API
 * takes.
 * @throws Fault invalid, each value named by its field
 */
export const bodyOf = <S extends z.ZodType>(schema: S, values: Record<string, unknown>): z.infer<S> => {
  const given = Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const found = schema.safeParse(given);
  if (found.success) return found.data;
  throw invalid(
    found.error.issues.map((issue) => {
      const { rule = issue.message, values: named } =
        (issue as { params?: { rule?: string; values?: object } }).params ?? {};
      return { path: issue.path, rule, values: { ...named } };
    }),
  );
};
