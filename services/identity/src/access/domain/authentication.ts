import { identity, type Contract, type Principal } from '@nefos/contracts';
import { isoZ6 } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import type { Caller } from './caller.js';
import { forbidden } from './errors.js';
import { isAdmin, rolesOf } from './roles.js';
import { requireComponent, requireUser, type TokenRecord } from './tokens.js';

/** A token as a request presented it, and what was found for it. */
export interface Presented {
  token: string;
  via: Principal['via'];
  record: TokenRecord | undefined;
}
const callerFor = async (ctx: IdentityRequest, { token, via }: Presented, record: TokenRecord): Promise<Caller> => {
  const directory = await ctx.directory.get();
  return {
    kind: record.user ? 'user' : 'component',
    uuid: record.user?.uuid ?? `component:${record.component?.name ?? ''}`,
    displayName: record.user?.username ?? record.component?.name ?? '',
    roles: rolesOf(directory, record).map((role) => role.name),
    auditId: record.auditId,
    via,
    record,
    presented: token,
    ...(record.readOnly && { readOnly: true }),
    ...(record.expiresAt && { tokenExpires: isoZ6(record.expiresAt) }),
  };
};
/**
 * The caller of an endpoint that needs a token. The kit checks afterwards whether a component may call this endpoint.
 * @throws unauthenticated: the token is unknown or over, or a component's, where only users may call (contract
 * identity §3.3); forbidden: the endpoint is for administrators
 */
export const admitCaller = async (ctx: IdentityRequest, presented: Presented, contract: Contract): Promise<Caller> => {
  const { record } = presented;
  const forComponent =
    contract.access === 'service' || (record?.component && identity.surfaceOf(contract.path).componentsCall);
  if (forComponent) return callerFor(ctx, presented, requireComponent(record));
  const user = requireUser(record);
  const caller = await callerFor(ctx, presented, user);
  if (contract.access !== 'admin' || isAdmin(ctx, await ctx.directory.get(), user)) return caller;
  ctx.principal = caller; // so that the log knows who it was
  throw forbidden();
};
