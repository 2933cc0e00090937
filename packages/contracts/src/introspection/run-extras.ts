import { z } from 'zod';
import { contractIn } from '../endpoint.js';
import { runState } from './runs.js';
import { firstOf, nodeParam, wholeText } from './values.js';

const contract = contractIn('runs');
const ours = 'contract introspection §12.2; the original has none of these paths';
const time = z.string().meta({ description: 'UTC without a zone' });
const cause = z
  .enum(['request', 'inspect', 'schedule', 'discovery', 'reapply'])
  .meta({ description: 'why the run began: by this API, by the registry, regularly, as an unknown machine, again' });
const phases = z.array(
  z.object({ at: time, phase: z.string(), note: z.string().optional() }).meta({ id: 'IntrospectionPhase' }),
);
const runParam = nodeParam.extend({ run: z.string().max(64).meta({ description: 'id of a run in the history' }) });

export const showProgress = contract({
  method: 'get',
  path: '/v1/introspection/:node/progress',
  summary: 'What happened in the last run of a node, step by step',
  description:
    'For whoever looks for the reason of a failure: when the machine was ordered and seen on, when it called back, ' +
    'by which addresses it is recognised, the power state that its BMC last gave, and the last error there.',
  source: ours,
  access: 'user',
  components: 'any',
  params: nodeParam,
  status: 200,
  response: z
    .object({
      uuid: z.string(),
      run: z.string(),
      cause,
      state: runState,
      state_at: time,
      started_at: time,
      finished_at: z.string().nullable(),
      error: z.string().nullable(),
      manage_boot: z.boolean(),
      discovered: z.boolean(),
      out_of_band: z.boolean(),
      has_token: z.boolean(),
      phases,
      warnings: z.array(z.string()),
      look_up: z.object({ bmc_address: z.array(z.string()), mac: z.array(z.string()) }),
      power: z.object({
        state: z.string().nullable(),
        target: z.string().nullable(),
        last_error: z.string().nullable(),
      }),
    })
    .meta({ id: 'IntrospectionProgress' }),
});
const pastRun = z
  .object({
    id: z.string(),
    cause,
    state: runState,
    started_at: time,
    finished_at: time,
    error: z.string().nullable(),
    phases,
    has_data: z.boolean(),
  })
  .meta({ id: 'PastIntrospection' });
export const listHistory = contract({
  method: 'get',
  path: '/v1/introspection/:node/history',
  summary: 'The runs of a node that have ended, newest first',
  description: 'Answers as many as the installation keeps, without their data.',
  source: ours,
  access: 'user',
  components: 'any',
  params: nodeParam,
  query: z.object({ limit: firstOf(wholeText('limit')), marker: firstOf(z.string().max(64).optional()) }),
  status: 200,
  response: z.object({ history: z.array(pastRun) }),
});
export const showPastRun = contract({
  method: 'get',
  path: '/v1/introspection/:node/history/:run',
  summary: 'A run that has ended, with its processed data',
  description: '`data` is null where the run failed, or had more than 2 MiB of them.',
  source: ours,
  access: 'admin',
  components: 'any',
  params: runParam,
  status: 200,
  response: pastRun.extend({ data: z.unknown() }),
});
export const showChanges = contract({
  method: 'get',
  path: '/v1/introspection/:node/history/:run/changes',
  summary: 'What differs between the data of a run and those of an earlier one',
  description:
    'As operations on JSON pointers, at most 1000. `since` is the run before it with data, unless it is named.',
  source: ours,
  access: 'admin',
  components: 'any',
  params: runParam,
  query: z.object({ since: firstOf(z.string().max(64).optional()) }),
  status: 200,
  response: z.object({
    run: z.string(),
    since: z.string(),
    changes: z.array(
      z.object({
        op: z.enum(['add', 'remove', 'replace']),
        path: z.string(),
        before: z.unknown().optional(),
        after: z.unknown().optional(),
      }),
    ),
    truncated: z.boolean(),
  }),
});

const schedule = z.object({ every_seconds: z.int(), next_at: time }).meta({ id: 'InspectionSchedule' });
export const showSchedule = contract({
  method: 'get',
  path: '/v1/introspection/:node/schedule',
  summary: 'When the node is introspected again by itself',
  description: 'Answers the schedule of the node, or 404 when it has none.',
  source: ours,
  access: 'user',
  components: 'any',
  params: nodeParam,
  status: 200,
  response: schedule,
});
export const setSchedule = contract({
  method: 'put',
  path: '/v1/introspection/:node/schedule',
  summary: 'Introspect the node regularly',
  description: 'A start as by this API, which boots the machine. It is left out while a run of the node has not ended.',
  source: ours,
  access: 'admin',
  components: 'any',
  params: nodeParam,
  body: z.strictObject({
    every_seconds: z.int().min(300).max(31_536_000),
    first_in_seconds: z.int().min(0).max(31_536_000).optional(),
  }),
  status: 200,
  response: schedule,
});
export const deleteSchedule = contract({
  method: 'delete',
  path: '/v1/introspection/:node/schedule',
  summary: 'Introspect the node on request only',
  description: 'Removes its schedule, or 404 when it has none.',
  source: ours,
  access: 'admin',
  components: 'any',
  params: nodeParam,
  status: 204,
});
export const issueToken = contract({
  method: 'post',
  path: '/v1/introspection/:node/token',
  summary: 'A token for the callback of the run that is under way',
  description:
    'Shown once, kept as a hash, and valid for this run; a new one takes its place. The callback then comes with ' +
    'it where the installation asks for tokens, and must not come with another.',
  source: ours,
  access: 'admin',
  components: 'any',
  params: nodeParam,
  refusals: [409],
  status: 201,
  response: z.object({ token: z.string(), callback_url: z.string() }),
});
