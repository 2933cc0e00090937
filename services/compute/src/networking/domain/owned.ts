import { Fault, invalid, notFound, type Tx } from '@nefos/service-kit';
import { actingClient, callerOf, maySee, visibleClients } from '../../access/domain/caller.js';
import type { ComputeRequest } from '../../ctx.js';
import { lastOf, type Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { shareLockHold, shareLockOwner } from '../../owners/domain/owners.js';
import { findRegion } from '../../catalog/domain/parts.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';

// Whose things are. What another client owns looks absent.

/** For whom something is made: the client that staff name, or the one that an end user acts for. */
export interface For {
  client?: number | undefined;
  acting?: string | undefined;
}
/** Whose things a list shows: the caller's, or for staff those of `?client=`; null: all. */
export const scopeOf = (ctx: ComputeRequest, query: Query, acting?: string): readonly number[] | null => {
  const caller = callerOf(ctx);
  const named = lastOf(query.client);
  if (!caller.staff) return visibleClients(caller, acting ?? named);
  return named !== undefined && /^\d{1,9}$/.test(named) ? [Number(named)] : null;
};
/**
 * The project of a client, for something new. The client can not be suspended until this transaction ends.
 * @throws Fault invalid, not_found, forbidden/client.suspended
 */
export const projectFor = async (
  ctx: ComputeRequest,
  tx: Tx,
  { client, acting }: For,
): Promise<{ clientId: number; projectId: string }> => {
  const caller = callerOf(ctx);
  if (caller.staff && client === undefined) throw invalid([{ path: ['client'], rule: 'required' }]);
  const clientId = caller.staff ? (client as number) : actingClient(caller, acting);
  const owner = await shareLockOwner(tx, clientId);
  if (!owner) throw invalid([unknownKey(['client'], clientId)]);
  if (owner.hold)
    throw caller.staff ? invalidValue(['client'], 'create.client_suspended') : refusal('forbidden', 'client.suspended');
  if (!owner.serviceActive || owner.projectId === null) throw invalidValue(['client'], 'create.no_service');
  return { clientId, projectId: owner.projectId };
};
/** A region that something is made in. @throws Fault invalid */
export const demandRegion = async (ctx: ComputeRequest, tx: Tx, region: string): Promise<void> => {
  const found = await findRegion(tx, region);
  if (!found) throw invalid([unknownKey(['region'], region)]);
  if (!found.enabled && !callerOf(ctx).staff) throw invalidValue(['region'], 'create.region_disabled');
};
/** The thing, if the caller may see it. @throws Fault not_found */
export const demandOwn = <T extends { clientId: number | null }>(ctx: ComputeRequest, row: T | undefined): T => {
  const caller = callerOf(ctx);
  if (!row || (!caller.staff && (row.clientId === null || !maySee(caller, row.clientId)))) throw notFound();
  return row;
};
export const demandId = (id: string): string => {
  if (!UUID.test(id)) throw notFound();
  return id;
};
/** End users of a suspended client only read and delete. @throws Fault forbidden/client.suspended */
export const demandFree = async (ctx: ComputeRequest, tx: Tx, clientId: number | null): Promise<void> => {
  if (callerOf(ctx).staff || clientId === null) return;
  if (await shareLockHold(tx, clientId)) throw refusal('forbidden', 'client.suspended');
};
/** A thing that a body names: absent ones are refused at its field. */
export const inField = async <T>(path: readonly PropertyKey[], id: string, find: () => Promise<T>): Promise<T> => {
  try {
    return await find();
  } catch (err) {
    throw err instanceof Fault && err.kind === 'not_found' ? invalid([unknownKey(path, id)]) : err;
  }
};
