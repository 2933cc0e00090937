import { z } from 'zod';

/** A query parameter: the last one counts where it comes twice. */
const one = z.union([z.string().max(4096), z.array(z.string().max(4096)).max(100)]).optional();
/** Any query: each API decides which names it knows (contract compute §12.2, the row "Query"). */
export const anyQuery = z.record(z.string().max(255), one);
/** Ids in paths are texts: what is no id names nothing, and is a 404 (contract compute §12.3). */
export const idParams = z.object({ id: z.string().max(255) });
/** A link to a thing. */
export const link = z.looseObject({ rel: z.string(), href: z.string() });
