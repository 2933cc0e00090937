import { z } from 'zod';
import { boundedRecord } from '../bounded.js';
import { contractIn } from '../endpoint.js';
import { filters } from './filters.js';

const contract = contractIn('projects');

/** Project applications, the part of contract identity §7.6 that exists: apply, read, cancel. */
const text = z.string();
/** Whole numbers up to 2^63-1 come and go exactly: larger ones than JavaScript's are bigint here. */
const whole = z.union([z.int(), z.bigint()]).meta({ type: 'integer', format: 'int64', anyOf: undefined });
const policy = z.enum(['auto', 'moderated', 'closed']);
export const createProject = contract({
  method: 'post',
  path: '/account/v1.0/projects',
  access: 'user',
  status: 201,
  refusals: [409],
  summary: 'Apply for a project',
  description:
    'Applies for a project. Answers the uuid of the project and the number of the application. Unknown fields are ' +
    'refused with 400; 409 when the state of the project does not allow an application.',
  source: 'contract identity §7.6',
  longNumbers: true,
  // Strict: a client would take an unknown field for accepted.
  body: z.strictObject({
    name: z.string(),
    start_date: z.string().nullish(),
    end_date: z.string(),
    description: z.string().max(4096).default(''),
    homepage: z.string().max(255).default(''),
    comments: z.string().max(4096).default(''),
    join_policy: policy.default('moderated'),
    leave_policy: policy.default('auto'),
    max_members: z.union([whole, text]).optional(),
    private: z.boolean().default(false),
    owner: z.uuid().optional(),
    resources: boundedRecord(z.object({ project_capacity: whole, member_capacity: whole }), 1000).default({}),
  }),
  response: z.object({ id: z.uuid(), application: z.int() }),
});
export const project = z
  .looseObject({
    id: z.uuid(),
    state: text,
    name: text,
    owner: z.uuid().nullable(),
    max_members: whole,
    system_project: z.boolean(),
  })
  .meta({ id: 'Project' });
export const listProjects = contract({
  method: 'get',
  path: '/account/v1.0/projects',
  access: 'user',
  status: 200,
  summary: 'Own projects',
  description:
    'Lists projects. `mode` chooses which: `member`: active ones of which one is a member; `active`: active ones ' +
    'that are not private; otherwise all that one owns, and the system project.',
  source: 'contract identity §7.6',
  query: filters({
    name: z.string().optional(),
    owner: z.uuid().optional(),
    state: z.enum(['uninitialized', 'active', 'suspended', 'terminated', 'deleted']).optional(),
    mode: z.enum(['member', 'default', 'related', 'active']).default('default'),
  }),
  response: z.array(project),
});
export const getProject = contract({
  method: 'get',
  path: '/account/v1.0/projects/:uuid',
  access: 'user',
  status: 200,
  refusals: [403],
  summary: 'One project',
  description: 'Answers one project that the caller may see. 403 for any other.',
  source: 'contract identity §7.6',
  params: z.object({ uuid: text }),
  response: project,
});
export const actOnProject = contract({
  method: 'post',
  path: '/account/v1.0/projects/:uuid/action',
  access: 'user',
  status: 200,
  refusals: [409],
  summary: 'cancel an application',
  description:
    'Performs the one action that the body names. `cancel` withdraws an application that is pending. 409 when the ' +
    'state does not allow it.',
  source: 'contract identity §7.6',
  params: z.object({ uuid: text }),
  longNumbers: true,
  body: boundedRecord(z.unknown(), 100),
});
