import { COMPONENT_RIGHTS, type ComponentRight } from '@nefos/contracts';
import { isoOffset } from '@nefos/service-kit';
import { InvalidArgumentError } from 'commander';
import { z } from 'zod';

/** Readers of the values of arguments and options. Each throws an InvalidArgumentError, whose text commander prints. */

const refuse = (message: string): never => {
  throw new InvalidArgumentError(message);
};
/** Reads a whole number from 1 to `max`. */
export const wholeNumber =
  (max = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
    if (number <= max) return number;
    return refuse(max === Number.MAX_SAFE_INTEGER ? 'a whole number above zero' : `a whole number from 1 to ${max}`);
  };
export const emailAddress = (text: string): string =>
  z.email().max(254).safeParse(text).success ? text : refuse('not an e-mail address');
const PASSWORD_LENGTH = 12;
export const password = (text: string): string =>
  text.length >= PASSWORD_LENGTH ? text : refuse(`a password has ${PASSWORD_LENGTH} characters or more`);
/** Collects the values of an option that may be given several times. */
export const collect = (text: string, values: readonly string[] = []): string[] => [...values, text];
/** Collects pairs `key=value`. */
export const pair = (text: string, pairs: Record<string, string> = {}): Record<string, string> => {
  const at = text.indexOf('=');
  return at > 0 ? { ...pairs, [text.slice(0, at)]: text.slice(at + 1) } : refuse('key=value');
};
/** Collects rights of a component. */
export const right = (text: string, rights: readonly ComponentRight[] = []): ComponentRight[] => {
  const known = COMPONENT_RIGHTS.find((one) => one === text);
  return known ? [...rights, known] : refuse(`one of ${COMPONENT_RIGHTS.join(', ')}`);
};
export const auditResult = (text: string): string =>
  text === 'ok' || text === 'refused' ? text : refuse('ok or refused');
/** An instant as it is printed. */
export const instantView = (at: string | null): string | null => (at === null ? null : isoOffset(at));
