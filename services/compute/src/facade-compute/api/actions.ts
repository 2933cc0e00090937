import { facadeCompute } from '@nefos/contracts';
import { endpointFor, Fault, Reply, type Endpoint } from '@nefos/service-kit';
import type { z } from 'zod';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { faceFault } from '../../facade/api/refused.js';
import { issuesOf } from '@nefos/service-kit';
import { inNovaWords } from '../domain/domain-words.js';
import { getServer } from '../domain/servers.js';
import { accessActions } from './actions-access.js';
import { diskActions } from './actions-disks.js';
import { powerActions } from './actions-power.js';
import { sizeActions } from './actions-sizes.js';
import type { Action } from './action.js';
import { ofServer } from './servers.js';
import { since } from '../../facade/api/microversion.js';

const endpoint = endpointFor<ComputeCtx>();
const ACTIONS: ReadonlyMap<string, Action> = new Map(
  Object.entries({ ...powerActions, ...sizeActions, ...diskActions, ...accessActions }),
);
/** The action that the body names, with its arguments. @throws Fault invalid, not_found */
const actionOf = (ctx: ComputeRequest, body: Record<string, unknown>): { action: Action; args: unknown } => {
  const [entry] = Object.entries(body);
  const found = entry && ACTIONS.get(entry[0]);
  if (!entry || !found) throw faceFault('invalid', `There is no such action: ${(entry?.[0] ?? '').slice(0, 100)}`);
  const { from = 1, until = Infinity } = found;
  if (!since(ctx, from) || (ctx.microversion ?? 1) >= until)
    throw faceFault('not_found', 'The resource could not be found.');
  return { action: found, args: entry[1] };
};
const checked = (schema: z.ZodType, args: unknown, name: string): unknown => {
  const found = schema.safeParse(args);
  if (found.success) return found.data;
  throw new Fault('invalid', 'validation', { issues: issuesOf(found.error, [name]) });
};

export const actionEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(facadeCompute.actOnServer, async (ctx, { params, body }) => {
    const { action, args } = actionOf(ctx, body);
    const [name = ''] = Object.keys(body);
    const schema = action.schemaAt?.(ctx.microversion ?? 1);
    const input = schema ? checked(schema, args, name) : args;
    action.demand?.(ctx, input as never);
    const answer = await ofServer(params.id, async () => {
      // First: what can not be seen looks absent, whatever is asked of it.
      await getServer(ctx, params.id);
      return inNovaWords(() => action.run(ctx, params.id, input as never));
    });
    return answer instanceof Reply ? answer : new Reply(undefined);
  }),
];
