import { randomUUID } from 'node:crypto';
import type { Tx } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import { findNetworks } from '../../catalog/domain/parts.js';
import type { ComputeRequest } from '../../ctx.js';
import { recordEvent } from '../../events/domain/record.js';
import { movePorts } from '../../networking/domain/machine-ports.js';
import { recordDone, askedBy } from '../../operations/domain/accept.js';
import { demandSupported } from '../../operations/domain/faults.js';
import { settleHold } from '../../operations/domain/holds.js';
import { publishMeteredFact, publishMoveAway } from '../../operations/domain/metered-facts.js';
import { availableCredit, shareLockOwner } from '../../owners/domain/owners.js';
import { invalidValue } from '../../refusals.js';
import { findMadeOf, moveInstance } from '../store/instances.js';
import { acceptAsked, lockForAction } from './accepting.js';
import { checkCredit } from './create-checks.js';
import { findReachable } from './instances.js';
import { listAttachmentsOf } from '../../volumes/domain/for-instances.js';
import { demandOwner } from '../../owners/domain/new-owner.js';
import { reserveInstance } from './quota.js';

/**
 * Moves an instance to another host: while it runs, or as a resize without another size.
 * @param options.host null: the hypervisor chooses
 * @throws Fault as `acceptAsked`
 */
export const requestMigration = (
  ctx: ComputeRequest,
  id: string,
  { live, host }: { live: boolean; host: string | null },
): Promise<string> =>
  acceptAsked(
    ctx,
    id,
    {
      segment: 'migrate',
      permission: 'instances.migrate',
      needs: live ? 'live_migrate' : 'migrate',
      action: live ? 'liveMigrate' : 'migrate',
    },
    () => Promise.resolve({ params: { live, ...(host !== null && { host }) } }),
  );
/** Breaks a live migration off; its operation is canceled. @throws Fault as `acceptAsked` */
export const abortMigration = (ctx: ComputeRequest, id: string): Promise<string> =>
  acceptAsked(ctx, id, {
    segment: 'abort-migrate',
    permission: 'instances.abort-migrate',
    needs: 'live_migrate',
    action: 'abortMigrate',
  });

/** Both clients hear of it: for the former one the instance is gone. Neither is told who the other is; staff are. */
const recordMove = async (
  tx: Tx,
  { id, name, regionId: region }: { id: string; name: string; regionId: string },
  { from, to }: { from: number; to: number },
): Promise<void> => {
  const staffData = { former_client: from, new_client: to };
  for (const [clientId, direction] of [
    [from, 'away'],
    [to, 'here'],
  ] as const)
    await recordEvent(tx, {
      type: 'instance.moved',
      clientId,
      objectType: 'instance',
      objectId: id,
      data: { name, region, direction },
      staffData,
    });
};
/**
 * Hands an instance over to another client: at once, since the machine stays as it is. Credit and quota are checked as
 * for a new instance; networks of the former client's own stay behind, so an instance on one is refused. For metering
 * it is another instance from now on.
 * @returns id of the operation, which has ended
 * @throws Fault not_found, forbidden, conflict/action.unsupported, those of `lockForAction`; invalid,
 * forbidden/create.credit, forbidden/create.quota
 */
export const requestMove = async (ctx: ComputeRequest, id: string, clientId: number): Promise<string> => {
  const found = await findReachable(ctx, id, 'instances.move');
  demandSupported(ctx, found.regionId, 'move');
  return dbOf(ctx).transaction(async (tx) => {
    const state = await lockForAction(ctx, tx, found, { action: 'move' });
    const instance = await findMadeOf(tx, id);
    if (clientId === state.clientId || !instance) throw invalidValue(['client'], 'move.same');
    const target = demandOwner(await shareLockOwner(tx, clientId), clientId);
    if ((await listAttachmentsOf(tx, id)).length) throw invalidValue(['client'], 'move.volumes');
    const networks = await findNetworks(tx, instance.networks);
    if (networks.some(({ shared, projectId }) => !shared && projectId !== target.projectId))
      throw invalidValue(['client'], 'move.network');
    checkCredit(await availableCredit(tx, clientId), target.requiredCredit, target.currency);
    await reserveInstance(tx, target.projectId, instance, instance.networks.length);
    await publishMoveAway(tx, id);
    await moveInstance(tx, id, { clientId, projectId: target.projectId });
    await movePorts(ctx, tx, id, target.projectId);
    await publishMeteredFact(tx, id);
    await recordMove(tx, { id, ...instance }, { from: state.clientId, to: clientId });
    await settleHold(tx, id);
    const operationId = randomUUID();
    await recordDone(tx, {
      id: operationId,
      action: 'move',
      instanceId: id,
      clientId,
      previousState: state.vmState,
      params: { client: clientId, former_client: state.clientId },
      ...askedBy(ctx),
    });
    return operationId;
  });
};
