import { z } from 'zod';
import { boundedArray, boundedRecord } from '../../bounded.js';
import { contractIn } from '../../endpoint.js';
import { next, PAGING, queryOf, registryLinks, source } from './fields.js';

const contract = contractIn('rules');
const operations = z.array(z.record(z.string(), z.unknown())).nullable().optional();
/** Its other fields depend on `fields` and `detail`; what a sensitive rule says is null. */
const inspectionRule = z
  .looseObject({
    uuid: z.uuid().optional(),
    description: z.string().nullable().optional(),
    priority: z.int().optional(),
    phase: z.string().nullable().optional(),
    sensitive: z.boolean().optional(),
    conditions: operations,
    actions: operations,
    created_at: z.string().optional(),
    updated_at: z.string().nullable().optional(),
    links: registryLinks,
  })
  .meta({ id: 'InspectionRule' });
const ruleParam = z.object({ inspection_rule_uuid: z.string().describe('UUID of an inspection rule') });
const common = { source: source('12.1'), access: 'admin', components: 'any', status: 200 } as const;

export const createInspectionRule = contract({
  method: 'post',
  path: '/baremetal/v1/inspection_rules',
  summary: 'Add an inspection rule',
  description: 'Adds a rule of conditions and actions, which are judged when a report is processed.',
  ...common,
  status: 201,
  body: boundedRecord(z.unknown(), 100),
  response: inspectionRule,
  refusals: [404, 405, 409],
});
export const listInspectionRules = contract({
  method: 'get',
  path: '/baremetal/v1/inspection_rules',
  summary: 'List the inspection rules',
  description: 'Answers a page of the rules, without conditions and actions unless `detail` or `fields` ask for them.',
  ...common,
  query: queryOf<string>(...PAGING, 'phase'),
  response: z.object({ inspection_rules: z.array(inspectionRule), next }),
  refusals: [404],
});
export const deleteInspectionRules = contract({
  method: 'delete',
  path: '/baremetal/v1/inspection_rules',
  summary: 'Delete all inspection rules',
  description: 'Deletes every inspection rule; that there is none is no error.',
  ...common,
  status: 204,
  refusals: [404],
});
export const showInspectionRule = contract({
  method: 'get',
  path: '/baremetal/v1/inspection_rules/:inspection_rule_uuid',
  summary: 'Show an inspection rule',
  description: 'Answers a rule; conditions and actions of a sensitive one are null.',
  ...common,
  params: ruleParam,
  query: queryOf('fields'),
  response: inspectionRule,
});
export const patchInspectionRule = contract({
  method: 'patch',
  path: '/baremetal/v1/inspection_rules/:inspection_rule_uuid',
  summary: 'Change an inspection rule',
  description:
    'The body is a JSON patch (RFC 6902) of `add`, `replace` and `remove`. A sensitive rule stays sensitive.',
  ...common,
  params: ruleParam,
  body: boundedArray(z.unknown(), 1000),
  response: inspectionRule,
});
export const deleteInspectionRule = contract({
  method: 'delete',
  path: '/baremetal/v1/inspection_rules/:inspection_rule_uuid',
  summary: 'Delete an inspection rule',
  description: 'Deletes a rule. Runs that are being processed may still apply it.',
  ...common,
  status: 204,
  params: ruleParam,
});
