import { z } from 'zod';
import { boundedArray } from '../bounded.js';
import { contractIn } from '../endpoint.js';
import { link } from './discovery.js';

const contract = contractIn('rules');
/** Any text that names a rule; one that names none is a 404. */
const ruleParam = z.object({ rule: z.string().max(4096) });
const shortRule = {
  description: z.string().nullable(),
  links: z.array(link),
  scope: z.string().nullable(),
  uuid: z.string(),
};
const rule = z
  .object({
    ...shortRule,
    conditions: z.array(z.record(z.string(), z.unknown())),
    actions: z.array(z.record(z.string(), z.unknown())),
  })
  .meta({ id: 'Rule' });
/** The domain judges it part by part, since each has words of its own. */
const newRule = z
  .unknown()
  .meta({
    type: 'object',
    required: ['actions'],
    properties: {
      uuid: { type: 'string', description: 'kept as it is spelt; absent: one is made' },
      description: { type: ['string', 'null'], maxLength: 65_536 },
      scope: { type: ['string', 'null'], maxLength: 255, description: 'only nodes whose inspection_scope is this' },
      conditions: { type: 'array', maxItems: 1000, items: { type: 'object' } },
      actions: { type: 'array', minItems: 1, maxItems: 1000, items: { type: 'object' } },
    },
  });

export const createRule = contract({
  method: 'post',
  path: '/v1/rules',
  summary: 'Add a rule',
  description: 'Adds a rule and answers it whole: with 200 in versions below 1.6, with 201 from then on.',
  source: 'contract introspection §8.1',
  access: 'admin',
  components: 'any',
  status: 201,
  answers: [200],
  refusals: [409],
  body: newRule,
  response: rule,
});
export const listRules = contract({
  method: 'get',
  path: '/v1/rules',
  summary: 'List the rules',
  description: 'Answers all rules in the order of their creation, without conditions and actions.',
  source: 'contract introspection §3.4, §8.1',
  access: 'admin',
  components: 'any',
  status: 200,
  response: z.object({ rules: z.array(z.object(shortRule).meta({ id: 'ShortRule' })) }),
});
export const deleteRules = contract({
  method: 'delete',
  path: '/v1/rules',
  summary: 'Delete all rules',
  description: 'Deletes every rule; that there is none is no error.',
  source: 'contract introspection §8.1',
  access: 'admin',
  components: 'any',
  status: 204,
});
export const showRule = contract({
  method: 'get',
  path: '/v1/rules/:rule',
  summary: 'Show a rule',
  description: 'Answers a rule with its conditions and actions, as they were sent.',
  source: 'contract introspection §3.4, §8.1',
  access: 'admin',
  components: 'any',
  status: 200,
  params: ruleParam,
  response: rule,
});
export const deleteRule = contract({
  method: 'delete',
  path: '/v1/rules/:rule',
  summary: 'Delete a rule',
  description: 'Deletes a rule. Runs that are being processed may still apply it.',
  source: 'contract introspection §8.1',
  access: 'admin',
  components: 'any',
  status: 204,
  params: ruleParam,
});

const trials = boundedArray(z.unknown(), 100).optional();
export const dryRunRules = contract({
  method: 'post',
  path: '/v1/introspection/:node/dry-run',
  summary: 'Try rules on the stored data of a node',
  description:
    'Runs hooks and rules on the stored data, and answers what they would change; nothing is changed. Without rules ' +
    'in the body, those that are in force are tried. Rules of the body need no UUID: they are named by their places.',
  source: 'contract introspection §12.2',
  access: 'admin',
  components: 'any',
  status: 200,
  params: z.object({ node: z.string().min(1).max(255) }),
  optionalBody: true,
  body: z.strictObject({ rules: trials, inspection_rules: trials }).optional(),
  response: z
    .object({
      uuid: z.string(),
      error: z.string().nullable().describe('why the run would fail'),
      applied: z.array(z.string()).describe('rules that applied'),
      notes: z.array(z.string()),
      changes: z.array(z.object({ path: z.string(), before: z.unknown().optional(), after: z.unknown().optional() })),
    })
    .meta({ id: 'DryRun' }),
});
