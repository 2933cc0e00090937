import { introspection } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { trialRules } from '../../rules/domain/rules.js';
import { tryRules } from '../domain/dry-run.js';

const endpoint = endpointFor<IntrospectionCtx>();
/** A trial of rules (contract introspection §12.2). */
export const dryRunEndpoints: Endpoint<IntrospectionCtx>[] = [
  endpoint(introspection.dryRunRules, async (ctx, { params, body: { rules, inspection_rules: others } = {} }) =>
    tryRules(ctx, params.node, rules || others ? trialRules(rules ?? [], others ?? []) : undefined),
  ),
];
