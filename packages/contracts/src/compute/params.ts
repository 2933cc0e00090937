import { z } from 'zod';

// What parameters and bodies of many endpoints have in common.

/** A parameter of a query; sent several times, the last one counts. */
export const one = z.union([z.string(), z.array(z.string())]).optional();
export const idParam = z.object({ id: z.string().max(255) });
/** The largest id that is a number. */
export const MAX_INT = 2_147_483_647;
/** Options of a field that may be left out: it is null then. */
export const optional = { required: false, nullable: true, default: null } as const;
