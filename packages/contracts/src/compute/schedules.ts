import { z } from 'zod';
import * as drf from '../drf/index.js';
import { contractIn } from '../endpoint.js';
import { listOf, listQuery } from './lists.js';
import { idParam, one } from './params.js';

const contract = contractIn('schedules');

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
/** Fields of a body that all have. */
export const scheduleFields = {
  timezone: drf.char({ required: false, max: 64, default: 'UTC' }),
  enabled: drf.boolean({ required: false, default: true }),
};
const query = listQuery.safeExtend({ client: one, instance: one.describe('only those of this instance') });

/** Schedules of one kind: their path, bodies, and what the document says of them. */
interface Kind<P extends string, S extends z.ZodType, C extends z.ZodType, B extends z.ZodType> {
  kind: P;
  word: string;
  source: string;
  shape: S;
  created: C;
  changed: B;
  says: { list: string; create: string; remove: string };
}
/** The endpoints of one kind of schedules, for staff or for end users. */
export const schedulesOf = <
  const Root extends 'staffapi' | 'api',
  const Access extends 'staff' | 'enduser',
  const P extends string,
  S extends z.ZodType,
  C extends z.ZodType,
  B extends z.ZodType,
>(
  root: Root,
  access: Access,
  { kind, word, source, shape, created, changed, says }: Kind<P, S, C, B>,
) => {
  const common = { access, source } as const;
  const path = `/${root}/openstack/${kind}` as const;
  return {
    list: contract({
      ...common,
      method: 'get',
      path,
      status: 200,
      summary: `List ${word}s`,
      description: says.list,
      query,
      response: listOf(shape),
    }),
    create: contract({
      ...common,
      method: 'post',
      path,
      status: 201,
      refusals: [409],
      summary: `Make a ${word}`,
      description: says.create,
      body: created,
      response: shape,
    }),
    get: contract({
      ...common,
      method: 'get',
      path: `${path}/:id`,
      status: 200,
      summary: `A ${word}`,
      description: 'Answers one schedule: when it runs next, and what became of the last time.',
      params: idParam,
      response: shape,
    }),
    patch: contract({
      ...common,
      method: 'patch',
      path: `${path}/:id`,
      status: 200,
      refusals: [409],
      summary: `Change a ${word}`,
      description: 'Changes the fields that are sent. The next time is computed anew.',
      params: idParam,
      body: changed,
      response: shape,
    }),
    remove: contract({
      ...common,
      method: 'delete',
      path: `${path}/:id`,
      status: 204,
      summary: `Delete a ${word}`,
      description: says.remove,
      params: idParam,
    }),
  };
};
