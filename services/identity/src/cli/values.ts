import { isoOffset } from '@nefos/service-kit';
import { InvalidArgumentError } from 'commander';

/** Reads a whole number from 1 to `most`. */
export const whole =
  (most = Number.MAX_SAFE_INTEGER) =>
  (text: string): number => {
    const number = /^[1-9]\d{0,15}$/.test(text) ? Number(text) : Number.NaN;
    if (number <= most) return number;
    throw new InvalidArgumentError(
      most === Number.MAX_SAFE_INTEGER ? 'a whole number above zero' : `a whole number from 1 to ${most}`,
    );
  };
export const when = (at: string | null): string | null => (at === null ? null : isoOffset(at));
