import { introspection } from '@nefos/contracts';
import { endpointFor, Reply, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import { registryVersion } from '../../access/api/registry-version.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { linksTo, nextPage, registryBase } from '../../nodes/api/links.js';
import { readFields, type Query } from '../../nodes/domain/paging.js';
import { absentBefore } from '../../nodes/domain/versions.js';
import {
  createInspectionRule,
  deleteInspectionRule,
  deleteInspectionRules,
  listInspectionRules,
  patchInspectionRule,
  showInspectionRule,
  type RuleDocument,
} from '../domain/inspection-rules.js';

const endpoint = endpointFor<IntrospectionCtx>();
const PATH = 'inspection_rules';
/** The microversion that brought them. */
const SINCE = 96;
const BRIEF = ['uuid', 'priority', 'phase', 'description'];
const FIELDS = [...BRIEF, 'sensitive', 'conditions', 'actions', 'created_at', 'updated_at'];
const KNOWN = Object.fromEntries(FIELDS.map((name) => [name, SINCE]));
const LONG = ['conditions', 'actions'];
/** @throws Fault not_found path: older versions do not know them */
const demandKnown = (req: Request): void => absentBefore(registryVersion(req), SINCE);
const fieldsOf = (req: Request, query: Query, brief?: readonly string[]): string[] =>
  readFields(query, { version: registryVersion(req), known: KNOWN, ...(brief && { brief }) });
const view = (base: string, rule: RuleDocument, fields: readonly string[] = FIELDS) => ({
  ...Object.fromEntries(Object.entries(rule).filter(([name]) => fields.includes(name))),
  links: linksTo(base, `${PATH}/${rule.uuid}`),
});

/** Rules of the successor's form (contract introspection §12.1). */
export const inspectionRuleEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.createInspectionRule, async (ctx, { req, body }) => {
    demandKnown(req);
    const made = view(registryBase(ctx, req), await createInspectionRule(ctx, body));
    return new Reply(made, { headers: { Location: made.links[0]?.href ?? '' } });
  }),
  endpoint(introspection.listInspectionRules, async (ctx, { req, query }) => {
    demandKnown(req);
    const fields = fieldsOf(req, query, BRIEF);
    const found = await listInspectionRules(
      ctx,
      query,
      fields.some((name) => LONG.includes(name)),
    );
    const base = registryBase(ctx, req);
    return {
      inspection_rules: found.rules.map((rule) => view(base, rule, fields)),
      ...(found.next !== undefined && { next: nextPage(base, PATH, req, found.limit, found.next) }),
    };
  }),
  endpoint(introspection.deleteInspectionRules, async (ctx, { req }) => {
    demandKnown(req);
    await deleteInspectionRules(ctx);
  }),
  endpoint(introspection.showInspectionRule, async (ctx, { req, params, query }) => {
    demandKnown(req);
    const rule = await showInspectionRule(ctx, params.inspection_rule_uuid);
    return view(registryBase(ctx, req), rule, fieldsOf(req, query));
  }),
  endpoint(introspection.patchInspectionRule, async (ctx, { req, params, body }) => {
    demandKnown(req);
    return view(registryBase(ctx, req), await patchInspectionRule(ctx, params.inspection_rule_uuid, body));
  }),
  endpoint(introspection.deleteInspectionRule, async (ctx, { req, params }) => {
    demandKnown(req);
    await deleteInspectionRule(ctx, params.inspection_rule_uuid);
  }),
];
