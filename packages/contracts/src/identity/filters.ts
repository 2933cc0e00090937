import { z } from 'zod';

/**
 * The query of a list. A filter that is not known is refused, because the client would take it for applied. Every
 * endpoint also reads `format` and, where a token may stand in the query, `X-Auth-Token`.
 */
export const filters = <const T extends z.ZodRawShape>(known: T) =>
  z.strictObject({ ...known, format: z.unknown().optional(), 'X-Auth-Token': z.unknown().optional() });
