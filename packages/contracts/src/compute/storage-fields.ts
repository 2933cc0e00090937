import { z } from 'zod';
import * as drf from '../drf/index.js';
import { optional } from './params.js';

// What volumes, snapshots and backups have in common.

export const storageFault = z.strictObject({ code: z.string(), message: z.string(), created: z.string() }).nullable();
export const description = drf.char({ blank: true, max: 1024, ...optional });
export const BY_JOB = 'The header `X-Operation-Id` names the operation that does it.';
