import { z } from 'zod';
import { boundedRecord } from '../../bounded.js';

/** Where the API is (contract compute §12.1). */
export const V = '/volume/v3';
export const user = { access: 'user', source: 'contract compute §12.1; Cinder: api-ref/block-storage/v3' } as const;
export const name = z.string().max(255).nullable().optional();
export const description = z.string().max(1024).nullable().optional();
export const metadata = boundedRecord(z.string().max(255), 128);
/** Sizes may come as text. */
export const size = z.union([z.int().min(1).max(1_048_576), z.string().regex(/^[1-9]\d{0,6}$/)]);
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
