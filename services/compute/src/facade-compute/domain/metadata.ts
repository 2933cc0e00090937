import { notFound } from '@nefos/service-kit';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { findReachable } from '../../instances/domain/instances.js';
import { clientSuspended, locked } from '../../operations/domain/faults.js';
import { lockState } from '../../operations/domain/read-state.js';
import { shareLockHold } from '../../owners/domain/owners.js';
import { changeRecord, lockRecord } from '../store/records.js';

export type Metadata = Readonly<Record<string, string>>;
export const MOST_METADATA = 128;

/**
 * Changes the metadata of a server, as far as the caller may change the server.
 * @param change of what there is to what there is to be; it may throw
 * @throws Fault not_found, forbidden/client.suspended, conflict/instance.locked
 */
export const metadataOf = async (
  ctx: ComputeRequest,
  id: string,
  change: (before: Metadata) => Metadata,
): Promise<Metadata> => {
  const { clientId } = await findReachable(ctx, id, 'instances.rename');
  const { staff } = callerOf(ctx);
  return dbOf(ctx).transaction(async (tx) => {
    if (!staff && (await shareLockHold(tx, clientId))) throw clientSuspended();
    const state = await lockState(tx, id, clientId);
    if (!state) throw notFound();
    if (state.lockedBy && !staff) throw locked(id);
    const { metadata: before } = await lockRecord(tx, id);
    const metadata = { ...change(before) };
    await changeRecord(tx, id, { metadata });
    return metadata;
  });
};
