import { z } from 'zod';
import * as drf from '../drf/index.js';
import { listQuery } from './lists.js';

/** What schedules of every kind show. */
export const scheduleShape = {
  id: z.uuid(),
  instance: z.uuid(),
  client: z.int(),
  timezone: z.string(),
  enabled: z.boolean(),
  next_run: z.string().nullable(),
  last_run: z.string().nullable(),
  created_at: z.string(),
  updated_at: z.string(),
};
/** What became of the last time. */
export const scheduleResult = z.strictObject({
  status: z.enum(['accepted', 'refused', 'skipped']),
  due_at: z.string(),
  operation: z.uuid().nullable(),
  detail: z.string(),
});
const one = z.union([z.string(), z.array(z.string())]).optional();
export const scheduleQuery = listQuery.safeExtend({
  client: one,
  instance: one.describe('only those of this instance'),
});
/** Fields of a body that all have. */
export const scheduleFields = {
  timezone: drf.char({ required: false, max: 64, default: 'UTC' }),
  enabled: drf.boolean({ required: false, default: true }),
};
export const scheduleParam = z.object({ id: z.string().max(255) });
