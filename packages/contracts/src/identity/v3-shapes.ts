import { z } from 'zod';
import { limitParameter } from '../whole-number.js';
import { filters } from './filters.js';

/** What the contracts of Identity v3 are made of (contract identity §12). */
export const text = z.string();
export const source = 'contract identity §12.4';
export const links = z.object({ self: text });
export const listLinks = z.object({ self: text, next: text.nullable(), previous: text.nullable() });
export const domainRef = z.object({ id: text, name: text });
export const roleRef = z.object({ id: text, name: text });
export const entity = z.looseObject({ id: text, links });

const YES = new Set(['', '1', 'true', 'yes', 'on', 't', 'y']);
const NO = new Set(['0', 'false', 'no', 'off', 'f', 'n']);
/** A switch in a query, in the words that OpenStack knows; named without a value it is on. */
export const flag = z
  .string()
  .refine((given) => YES.has(given.toLowerCase()) || NO.has(given.toLowerCase()), { error: 'true or false' })
  .transform((given) => YES.has(given.toLowerCase()))
  .optional();

/** A list has pages of at most 1000; who asks for more gets those, and the address of the next page. */
const limit = limitParameter(1000);

/** The query of a list: a page, and the filters that this list applies. */
export const listQuery = <const F extends z.ZodRawShape>(known: F) =>
  filters({ limit, marker: z.string().max(64).optional(), ...known });
