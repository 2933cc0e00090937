import { notFound, type Queryable, type Tx } from '@nefos/service-kit';
import { callerOf, maySee } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { UUID } from '../../lists/uuid.js';
import { clientSuspended } from '../../operations/domain/faults.js';
import { shareLockHold } from '../../owners/domain/owners.js';

/** One thing that the caller may see. @throws Fault not_found: another client's, too */
export const reach = async <T extends { clientId: number }>(
  ctx: ComputeRequest,
  id: string,
  find: (q: Queryable, id: string) => Promise<T | undefined>,
): Promise<T> => {
  const row = UUID.test(id) ? await find(dbOf(ctx), id) : undefined;
  if (!row || !maySee(callerOf(ctx), row.clientId)) throw notFound();
  return row;
};
/** End users of a suspended client change nothing; they read and delete. @throws Fault forbidden/client.suspended */
export const demandFree = async (ctx: ComputeRequest, tx: Tx, clientId: number): Promise<void> => {
  if (!callerOf(ctx).staff && (await shareLockHold(tx, clientId))) throw clientSuspended();
};
/**
 * Works on one thing that the caller may see, locked.
 * @param options.evenHeld also while the client is suspended
 * @throws Fault not_found, forbidden/client.suspended
 */
export const onLocked = async <T extends { clientId: number }, R>(
  ctx: ComputeRequest,
  id: string,
  {
    find,
    lock,
    evenHeld = false,
  }: {
    find: (q: Queryable, id: string) => Promise<T | undefined>;
    lock: (tx: Tx, id: string) => Promise<T | undefined>;
    evenHeld?: boolean;
  },
  work: (tx: Tx, row: T) => Promise<R>,
): Promise<R> => {
  const { clientId } = await reach(ctx, id, find);
  return dbOf(ctx).transaction(async (tx) => {
    if (!evenHeld) await demandFree(ctx, tx, clientId);
    const row = await lock(tx, id);
    if (!row) throw notFound();
    return work(tx, row);
  });
};
