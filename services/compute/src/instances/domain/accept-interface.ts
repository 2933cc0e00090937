import { randomUUID } from 'node:crypto';
import type { Tx } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { Permission } from '../../access/domain/permissions.js';
import type { ComputeRequest } from '../../ctx.js';
import { askedBy, recordDone, recordOperation } from '../../operations/domain/accept.js';
import { unsupported } from '../../operations/domain/faults.js';
import type { InstanceState } from '../../operations/domain/read-state.js';
import type { InterfaceAction } from '../../operations/transitions.js';
import { findPlacement, type Placement } from '../store/interfaces.js';
import { lockForAction } from './accepting.js';
import { findReachable } from './instances.js';

/** A change of an instance's network as it is asked for. */
export interface AskedInterface {
  /** As the path names it. */
  segment: string;
  permission: Permission;
  action: InterfaceAction;
  /** Whether the region's driver can do it. */
  can: (regionId: string) => boolean;
  /** Whether a job has to tell the machine's driver; else it is done with the request. */
  byJob?: boolean;
}
/**
 * Accepts a change of an instance's network: it takes no task (contract compute §7.2).
 * @param prepare writes the change; gives the parameters of the operation
 * @returns id of the operation
 * @throws Fault not_found, forbidden, conflict/action.unsupported, those of `lockForAction` and of `prepare`
 */
export const acceptInterface = async (
  ctx: ComputeRequest,
  id: string,
  { segment, permission, action, can, byJob = false }: AskedInterface,
  prepare: (tx: Tx, instance: InstanceState & Placement) => Promise<object>,
): Promise<string> => {
  const found = await findReachable(ctx, id, permission);
  if (!can(found.regionId)) throw unsupported(segment);
  return dbOf(ctx).transaction(async (tx) => {
    const state = await lockForAction(ctx, tx, found, { action });
    const params = await prepare(tx, { ...state, ...(await findPlacement(tx, id)) });
    const operationId = randomUUID();
    const operation = {
      id: operationId,
      action,
      instanceId: id,
      clientId: state.clientId,
      previousState: state.vmState,
      params,
      ...askedBy(ctx),
    };
    await (byJob ? recordOperation(tx, operation) : recordDone(tx, operation));
    return operationId;
  });
};
