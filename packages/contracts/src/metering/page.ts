import { z } from 'zod';
import * as drf from '../drf/index.js';

/** Of a parameter given several times the last one counts; the links keep them all (contract metering §3). */
const last = (value: unknown): unknown => (Array.isArray(value) ? (value as unknown[]).at(-1) : value);
export const parameter = (description: string) =>
  z.preprocess(last, z.string().optional()).meta({ type: 'string', description });
export const booleanParameter = (description: string) =>
  z.preprocess(last, drf.boolean({ required: false })).meta({ type: 'boolean', description });

/** `limit` and `offset` never fail: what is no number is the default (contract metering §3). */
export const pageQuery = {
  limit: parameter('rows of the page, at most 100; default 10'),
  offset: parameter('rows before the page; default 0'),
};
export const userIdParameter = parameter("only one user's, by the internal id");

/** The envelope of every listing, members in this order. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    meta: z.object({ count: z.int() }),
    links: z.object({
      first: z.string(),
      next: z.string().nullable(),
      previous: z.string().nullable(),
      last: z.string(),
    }),
    data: z.array(item),
  });

const ID = /^\d{1,15}$/;
/** An id of a path; what can not be one is simply absent (404). */
export const idParams = z.object({ id: z.string().regex(ID).transform(Number).meta({ type: 'integer' }) });

/** `2019-07-18T19:17:08.611383Z`; no fraction when it is zero (contract metering §4). */
export const timestamp = z.string().regex(/^\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?Z$/);
export const CLOUDS = ['aws', 'nefos'] as const;
export const cloudType = z.enum(CLOUDS);
/** All three kinds of body are read alike (contract metering §1). */
export const BODIES = ['application/json', 'application/x-www-form-urlencoded', 'multipart/form-data'] as const;
