import { introspection } from '@nefos/contracts';
import { endpointFor, Reply, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import { forwarded } from '../../access/api/origin.js';
import { versionOf } from '../../access/api/versions.js';
import type { IntrospectionCtx } from '../../ctx.js';
import { createRule, deleteRule, deleteRules, listRules, showRule, type ShortRule } from '../domain/rules.js';
import type { Rule } from '../domain/rule.js';

const endpoint = endpointFor<IntrospectionCtx>();
/** From this version on, a new rule is answered with 201. */
const CREATED = 6;
/** A path without a host, as clients append it to the address that they know (contract introspection §3.4). */
const shortView = (ctx: IntrospectionCtx, req: Request, { uuid, description, scope }: ShortRule) => ({
  description,
  links: [{ href: `${forwarded(ctx, req).prefix}/v1/rules/${uuid}`, rel: 'self' }],
  scope,
  uuid,
});
const view = (ctx: IntrospectionCtx, req: Request, rule: Rule) => ({
  ...shortView(ctx, req, rule),
  conditions: rule.conditions.map((one) => ({ ...one })),
  actions: rule.actions,
});

/** Contract introspection §8.1. */
export const ruleEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.createRule, async (ctx, { body, req }) => {
    const made = view(ctx, req, await createRule(ctx, body));
    return versionOf(req) < CREATED ? new Reply(made, { status: 200 }) : made;
  }),
  endpoint(introspection.listRules, async (ctx, { req }) => ({
    rules: (await listRules(ctx)).map((rule) => shortView(ctx, req, rule)),
  })),
  endpoint(introspection.deleteRules, async (ctx) => deleteRules(ctx)),
  endpoint(introspection.showRule, async (ctx, { params, req }) => view(ctx, req, await showRule(ctx, params.rule))),
  endpoint(introspection.deleteRule, async (ctx, { params }) => deleteRule(ctx, params.rule)),
];
