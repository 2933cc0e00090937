import { compute } from '@nefos/contracts';
import { z } from 'zod';
import { plainText } from '../../facade/api/python-text.js';
import { booleanOf } from '../../facade/api/query.js';
import { UUID } from '../../lists/uuid.js';

// Attributes as Neutron reads them: numbers and booleans may be texts, and what is wrong is said in its own words.

/** Why a value is refused. */
class Wrong {
  readonly reason: string;
  constructor(reason: string) {
    this.reason = reason;
  }
}
const quoted = (given: unknown): string => `'${plainText(given)}'`;
const value = <T>(read: (given: unknown) => T | Wrong) =>
  z.unknown().transform((given, ctx): T => {
    const found = read(given);
    if (!(found instanceof Wrong)) return found;
    ctx.addIssue({ code: 'custom', message: found.reason });
    return z.NEVER;
  });

export const text = (most: number) =>
  value((given) =>
    typeof given !== 'string'
      ? new Wrong(`${quoted(given)} is not a valid string`)
      : given.length > most
        ? new Wrong(`${quoted(given)} exceeds maximum length of ${most}`)
        : given,
  );
const flagOf = (given: unknown): boolean | undefined => {
  const said = typeof given === 'boolean' || typeof given === 'number' ? String(given) : given;
  return typeof said === 'string' ? booleanOf(said) : undefined;
};
export const flag = value((given) => flagOf(given) ?? new Wrong(`${quoted(given)} cannot be converted to boolean`));
/** A flag that has one value here. @param why what is said of the other one */
export const always = (wanted: boolean, why: string) =>
  value((given) => {
    const found = flagOf(given);
    if (found === undefined) return new Wrong(`${quoted(given)} cannot be converted to boolean`);
    return found === wanted ? found : new Wrong(why);
  });
export const whole = (least: number, most: number) =>
  value((given) => {
    const found = typeof given === 'string' && /^-?\d{1,15}$/.test(given) ? Number(given) : given;
    if (typeof found !== 'number' || !Number.isInteger(found)) return new Wrong(`${quoted(given)} is not an integer`);
    if (found < least) return new Wrong(`${quoted(given)} is too small - must be at least '${least}'`);
    return found > most ? new Wrong(`${quoted(given)} is too large - must be no larger than '${most}'`) : found;
  });
export const oneOf = <const W extends string>(words: readonly W[]) =>
  value(
    (given): W | Wrong =>
      words.find((word) => word === given) ??
      new Wrong(`${quoted(given)} is not in [${words.map((word) => `'${word}'`).join(', ')}]`),
  );
export const uuid = value((given) =>
  typeof given === 'string' && UUID.test(given) ? given : new Wrong(`${quoted(given)} is not a valid UUID`),
);
/** Addresses are kept in one spelling: they are compared as texts. */
const ipOf = (given: unknown): string | undefined =>
  typeof given === 'string' ? compute.canonicalIp(given) : undefined;
export const ip = value((given) => ipOf(given) ?? new Wrong(`${quoted(given)} is not a valid IP address`));
/** An address, or an empty text for none. */
export const ipOrNone = value((given) =>
  given === '' ? given : (ipOf(given) ?? new Wrong(`${quoted(given)} is not a valid IP address`)),
);
/** A UUID, or an empty text for none. */
export const uuidOrNone = value((given) =>
  given === '' || (typeof given === 'string' && UUID.test(given))
    ? given
    : new Wrong(`${quoted(given)} is not a valid UUID`),
);
/** The network that an address lies in; without a mask it is a range of one. */
export const networkAround = (given: string): string | undefined =>
  compute.networkOf(given.includes('/') ? given : `${given}/${given.includes(':') ? 128 : 32}`);
/** A network of which no bit is set behind the mask. */
export const cidr = value((given) => {
  const known = typeof given === 'string' ? compute.canonicalCidr(given) : undefined;
  if (known !== undefined) return known;
  const meant = typeof given === 'string' ? networkAround(given) : undefined;
  return meant === undefined
    ? new Wrong(`${quoted(given)} is not a valid IP subnet`)
    : new Wrong(`${quoted(given)} isn't a recognized IP subnet cidr, '${meant}' is recommended`);
});
/** A network, named by any address in it. An empty text is none. */
export const prefixOrNone = value((given) =>
  given === ''
    ? null
    : ((typeof given === 'string' ? networkAround(given) : undefined) ??
      new Wrong(`${quoted(given)} is not a valid IP subnet`)),
);
/** What there is none of: it is taken where it asks for nothing. @param why else */
export const nothing = (why: string) =>
  value((given) => {
    const empty =
      given === null ||
      given === '' ||
      (typeof given === 'object' && (Array.isArray(given) ? !given.length : !Object.keys(given).length));
    return empty ? null : new Wrong(why);
  });
