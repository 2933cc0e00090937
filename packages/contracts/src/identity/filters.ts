import { z } from 'zod';

/**
 * What a list can be asked for. A filter that is not known would be taken for one that was applied, so it is refused; `format` and the token,
 * where that may stand there, are read by every endpoint.
 */
export const filters = <const T extends z.ZodRawShape>(known: T) =>
  z.strictObject({ ...known, format: z.unknown().optional(), 'X-Auth-Token': z.unknown().optional() });
