import type { Principal } from '@nefos/contracts';
import { Fault } from '@nefos/service-kit';
import type { Caller } from '../../access/domain/callers.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { refusal } from '../../refusals.js';
import { projectOfWire } from '../project-ids.js';
import type { Scope } from '../scope.js';

export type { Scope };

/**
 * Staff administrate with a token for their own project, or one that has the role. In a client's project they are its
 * members, and an application credential has what it was given (contract compute §12.1).
 */
const isAdmin = ({ staff }: Caller, { uuid, project, roles, byCredential }: Principal): boolean =>
  staff && (roles.includes('admin') || (project?.id === uuid && !byCredential));
/**
 * The project of the token, and the caller within it: an end user with several clients acts for that one only.
 * @throws Fault forbidden/facade.no_project: the token has no project, or one of a client whose user the caller is no
 * longer: identity hears of that a moment after us
 */
export const enterScope = async (
  ctx: ComputeCtx,
  caller: Caller,
  principal: Principal,
): Promise<{ scope: Scope; caller: Caller }> => {
  const projectId = principal.project && projectOfWire(principal.project.id);
  if (projectId === undefined) throw refusal('forbidden', 'facade.no_project');
  const clientId = (await ctx.projectClients.find(ctx.db, projectId)) ?? null;
  if (clientId !== null && !caller.staff && !caller.clientIds.includes(clientId))
    throw refusal('forbidden', 'facade.no_project');
  const admin = isAdmin(caller, principal);
  return {
    scope: { projectId, clientId, admin },
    caller: { ...caller, staff: admin, clientIds: clientId === null ? [] : [clientId] },
  };
};

/** The scope of a request that was authenticated. */
export const scopeOf = (ctx: ComputeRequest): Scope => {
  if (!ctx.scope) throw new Fault('internal', 'internal', {}, { cause: new Error('no scope: the endpoint is public') });
  return ctx.scope;
};
/**
 * The client for whom something is made: that of the token's project.
 * @throws Fault forbidden/facade.no_client
 */
export const clientOf = (ctx: ComputeRequest): number => {
  const { clientId } = scopeOf(ctx);
  if (clientId === null) throw refusal('forbidden', 'facade.no_client');
  return clientId;
};
/**
 * What a list may show: the token's project only, or everything, which only an administrator may ask for.
 * @returns clients whose things are seen; null: everybody's
 * @throws Fault forbidden
 */
export const clientsInView = (ctx: ComputeRequest, allProjects: boolean): readonly number[] | null => {
  const { admin, clientId } = scopeOf(ctx);
  if (!allProjects) return clientId === null ? [] : [clientId];
  if (!admin) throw refusal('forbidden', 'facade.policy');
  return null;
};
/** @throws Fault forbidden/facade.policy: the caller is not staff */
export const demandAdmin = (ctx: ComputeRequest): void => {
  if (!scopeOf(ctx).admin) throw refusal('forbidden', 'facade.policy');
};
