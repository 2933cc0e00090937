import { z } from 'zod';
import { boundedRecord } from '../../bounded.js';

/** Where the API is (contract compute §12.1). */
export const V = '/volume/v3';
export const user = { access: 'user', source: 'contract compute §12.1; Cinder: api-ref/block-storage/v3' } as const;
/** A name counts without the white space around it. */
export const name = z.string().trim().max(255).nullable().optional();
/** Of volumes: any text. */
export const description = z.string().trim().max(255).nullable().optional();
/** Of everything else: nothing but what can be printed on one line. */
export const line = z
  .string()
  .max(255)
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u)
  .nullable()
  .optional();
/** Names of metadata are looked at by the service (`demandKeys`). */
export const metadata = boundedRecord(z.string().max(255), 128);
const inRange = (least: number, most: number) => (text: string) => Number(text) >= least && Number(text) <= most;
/** A whole number, which may come as text. */
export const numeral = (least: number, most: number) =>
  z.union([
    z.int().min(least).max(most),
    z
      .string()
      .regex(/^-?\d{1,10}$/)
      .refine(inRange(least, most)),
  ]);
/** GB; the largest volume is the portal's. */
export const size = numeral(1, 1_048_576);
const UUID = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
/** An id of a body: what has not the form of one is refused, before anything is looked for. */
export const uuid = z
  .string()
  .max(255)
  .refine((text) => UUID.test(text), { params: { rule: 'invalid_format', values: { format: 'uuid' } } })
  .meta({ format: 'uuid' });
/** What Cinder takes for a boolean. */
const YES = ['True', 'TRUE', 'true', '1', 'ON', 'On', 'on', 'YES', 'Yes', 'yes', 'y', 't'] as const;
const NO = ['False', 'FALSE', 'false', '0', 'OFF', 'Off', 'off', 'NO', 'No', 'no', 'n', 'f'] as const;
export const flag = z.union([z.boolean(), z.enum([...YES, ...NO])]);
export const idText = z.string().max(255);
/** Attributes differ by microversion and caller. */
export const document = z.looseObject({});
export const itemParams = z.object({ id: idText, key: z.string().max(255) });
/** A list by marker. */
export const listing = <const Name extends string>(one: Name) => z.looseObject({ [one]: z.array(document) });
