import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { detailed, listOf, listQuery } from './lists.js';
import { idParam } from './params.js';

const contract = contractIn('operations');

/** A change that outlives its request (contract compute §10). */
export const operation = z
  .strictObject({
    id: z.uuid(),
    type: z.string(),
    status: z.enum(['pending', 'running', 'completed', 'failed', 'canceled']),
    progress: z.int().min(0).max(100),
    steps: z.array(z.strictObject({ name: z.string(), status: z.enum(['pending', 'running', 'completed', 'failed']) })),
    primary_object: z.strictObject({
      type: z.enum(['instance', 'volume', 'volumesnapshot', 'volumebackup']),
      id: z.uuid(),
    }),
    created_by: z.strictObject({ id: z.int(), username: z.string() }).nullable(),
    created_at: z.string(),
    completed_at: z.string().nullable(),
    params: z.record(z.string(), z.unknown()),
    error: z.strictObject({ code: z.string(), message: z.string() }).nullable(),
    attempts: z.int(),
    viewed: z.boolean(),
    cancellable: z.boolean(),
  })
  .meta({ id: 'Operation' });

const forRoot = <const Root extends 'staffapi' | 'api', const Access extends 'staff' | 'enduser'>(
  root: Root,
  access: Access,
) => ({
  list: contract({
    method: 'get',
    path: `/${root}/operations`,
    access,
    status: 200,
    summary: 'List operations',
    description: 'Lists operations: changes that go on after their request was answered.',
    source: 'contract compute §10',
    query: listQuery,
    response: listOf(operation),
  }),
  get: contract({
    method: 'get',
    path: `/${root}/operations/:id`,
    access,
    status: 200,
    summary: 'One operation',
    description: 'Answers one operation with its steps, progress and error.',
    source: 'contract compute §10',
    params: idParam,
    response: operation,
  }),
  cancel: contract({
    method: 'post',
    path: `/${root}/operations/:id/cancel`,
    access,
    status: 200,
    summary: 'Take an operation back that has not begun',
    description: 'Cancels an operation that has not begun. 409 for any other.',
    source: 'contract compute §10',
    params: idParam,
    response: operation,
  }),
  retry: contract({
    method: 'post',
    path: `/${root}/operations/:id/retry`,
    access,
    status: 200,
    summary: 'Do a failed operation again, as a new one',
    description:
      'Repeats a failed operation as a new one, which is answered. 409 for an operation that has not failed.',
    source: 'contract compute §10',
    params: idParam,
    response: operation,
  }),
  view: contract({
    method: 'post',
    path: `/${root}/operations/mark_all_as_viewed`,
    access,
    status: 200,
    summary: 'Mark ended operations as viewed',
    description: 'Marks all operations that have ended as viewed.',
    source: 'contract compute §10',
    response: detailed,
  }),
});
export const staffOperations = forRoot('staffapi', 'staff');
export const userOperations = forRoot('api', 'enduser');
