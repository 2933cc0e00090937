import type { BytePart, ChoosePart } from '../../catalog/domain/image-data.js';
import { faceFault } from '../../facade/api/refused.js';

/** The type of the fault that a range is not there: a 416. */
export const NO_RANGE = 'RangeNotSatisfiable';

const partOf = (range: string, size: number): BytePart | undefined => {
  const [, first, last] = /^bytes=(\d{0,16})-(\d{0,16})$/.exec(range) ?? [];
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined;
  const start = first === '' ? Math.max(size - Number(last), 0) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  return start <= end ? { start, end } : undefined;
};
/**
 * The part of an image that a Range header names: from a byte to another one, or to the end, or the last bytes. What
 * Glance does not read either, such as several ranges, is refused, not passed over.
 * @throws Fault of the type NO_RANGE
 */
export const rangeOf =
  (range: string | undefined): ChoosePart =>
  (size) => {
    if (range === undefined) return undefined;
    const part = partOf(range.trim(), size);
    if (!part)
      throw faceFault('invalid', `Invalid range ${range.slice(0, 100)} for an image of ${size} bytes.`, NO_RANGE);
    return part;
  };
