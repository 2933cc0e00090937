import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { link } from './discovery.js';
import { firstOf, nodeParam, pythonBoolean, stateList, wholeText } from './values.js';

const contract = contractIn('runs');
export const runState = z.enum([
  'starting',
  'waiting',
  'processing',
  'reapplying',
  'enrolling',
  'aborting',
  'finished',
  'error',
]);
/** Contract introspection §3.1. */
export const runStatus = z
  .object({
    error: z.string().nullable(),
    finished: z.boolean().meta({ description: 'the run has ended, well or not' }),
    finished_at: z.string().nullable(),
    links: z.array(link),
    started_at: z.string().meta({ description: 'UTC without a zone' }),
    state: runState,
    uuid: z.string(),
  })
  .meta({ id: 'Introspection' });

export const startIntrospection = contract({
  method: 'post',
  path: '/v1/introspection/:node',
  summary: 'Start the introspection of a node',
  description:
    'The machine is set to boot from the network and powered on again, unless `manage_boot` is false. The answer ' +
    'comes before that; what fails then stands in the status. A run before, with its data, is replaced. A body is ' +
    'ignored.',
  source: 'contract introspection §2.3',
  access: 'admin',
  components: 'any',
  params: nodeParam,
  query: z.object({ manage_boot: firstOf(pythonBoolean('manage_boot', true)) }),
  headers: {
    'Idempotency-Key': 'A start that is sent again with the same key starts nothing (contract introspection §9)',
  },
  refusals: [409],
  status: 202,
});
export const showIntrospection = contract({
  method: 'get',
  path: '/v1/introspection/:node',
  summary: 'The status of the last run of a node',
  description:
    'Answers from the record alone. A node that was never introspected is 404, whether there is such a node or not.',
  source: 'contract introspection §2.4',
  access: 'user',
  components: 'any',
  params: nodeParam,
  status: 200,
  response: runStatus,
});
export const listIntrospections = contract({
  method: 'get',
  path: '/v1/introspection',
  summary: 'The status of all nodes, newest start first',
  description:
    'Answers pages: `marker` is the UUID of the last node of the page before, and the page after the last is empty.',
  source: 'contract introspection §2.5',
  access: 'user',
  components: 'any',
  query: z.object({
    limit: firstOf(wholeText('limit')),
    marker: firstOf(z.string().max(255).optional()),
    state: firstOf(stateList(runState.options)),
  }),
  refusals: [404],
  status: 200,
  response: z.object({ introspection: z.array(runStatus) }),
});
export const abortIntrospection = contract({
  method: 'post',
  path: '/v1/introspection/:node/abort',
  summary: 'Abort the run of a node',
  description: 'A machine that was powered on for it is powered off. Nothing happens to a run that has ended.',
  source: 'contract introspection §2.9',
  access: 'admin',
  components: 'any',
  params: nodeParam,
  refusals: [409],
  status: 202,
  response: z.object({}),
});
