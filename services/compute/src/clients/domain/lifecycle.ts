import { conflict, enqueue, notFound, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { publishAccount } from '../../owners/domain/accounts.js';
import { notifyCaller } from '../../access/domain/callers.js';
import {
  holdClient,
  listDeletingClients,
  listUsersOfClient,
  lockClient,
  removeClient,
  type ClientRow,
} from '../store/clients.js';
import { listServicesOfClient, moveServices } from '../store/services.js';
import {
  countLiveOfClient,
  deleteAllOfClient,
  startRememberedOfClient,
  stopAllOfClient,
} from '../../instances/domain/fleet.js';

/** Suspension, its end, and the client's own end (contract compute §4.3, §9.3). Each may be asked for again. */
const change = (ctx: ComputeCtx, id: number, work: (tx: Tx, was: ClientRow) => Promise<void>): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    const was = await lockClient(tx, id);
    if (!was) throw notFound('client.not_found');
    await work(tx, was);
  });
const notWhileDeleting = ({ hold }: ClientRow): void => {
  if (hold === 'deleting') throw conflict('invalid_state', { detail: 'Client is being deleted.' });
};

/** Stops what runs and remembers it; the client's users may read and delete from now on. */
export const suspendClient = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, was) => {
    notWhileDeleting(was);
    if (was.hold === 'suspended') return;
    await holdClient(tx, id, 'suspended');
    await moveServices(tx, { clientId: id }, ['active'], 'suspended', ctx.clock.now());
    await stopAllOfClient(ctx, tx, id);
  });
export const resumeClient = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, was) => {
    notWhileDeleting(was);
    if (was.hold === null) return;
    await holdClient(tx, id, null);
    await moveServices(tx, { clientId: id }, ['suspended'], 'active', ctx.clock.now());
    await startRememberedOfClient(ctx, tx, id);
  });
export const terminateClient = (ctx: ComputeCtx, id: number, withResources: boolean): Promise<void> =>
  change(ctx, id, async (tx, was) => {
    notWhileDeleting(was);
    if (!withResources && (await countLiveOfClient(tx, id)))
      throw conflict('invalid_state', { detail: 'Client has cloud resources.' });
    await endServices(ctx, tx, id);
    await holdClient(tx, id, null);
  });
const endServices = async (ctx: ComputeCtx, tx: Tx, id: number): Promise<void> => {
  await moveServices(tx, { clientId: id }, ['pending', 'active', 'suspended'], 'terminated', ctx.clock.now());
  await deleteAllOfClient(ctx, tx, id);
};

const FINISH = 'client.delete';
/** The queue goes by the wall clock, so this does too. */
const AGAIN_MS = 1000;
const enqueueFinish = (tx: Tx, id: number, runAt?: Date): Promise<void> =>
  enqueue(tx, FINISH, { id }, { key: `${FINISH}:${id}`, ...(runAt && { runAt }) });
/**
 * Deletes a client that has nothing left. With `withResources` its services end, its instances are deleted, and the row goes when
 * the last of them is gone.
 * @throws Fault conflict when there is something left and nobody asked to delete that
 */
export const deleteClient = (ctx: ComputeCtx, id: number, withResources: boolean): Promise<void> =>
  change(ctx, id, async (tx, was) => {
    if (was.hold === 'deleting') {
      await enqueueFinish(tx, id);
      return;
    }
    if (!withResources) {
      const services = await listServicesOfClient(tx, id);
      if (
        services.some(({ status }) => status === 'active' || status === 'suspended') ||
        (await countLiveOfClient(tx, id))
      )
        throw conflict('invalid_state', { detail: 'Client has active services.' });
      await forgetClient(ctx, tx, id);
      return;
    }
    await holdClient(tx, id, 'deleting');
    await endServices(ctx, tx, id);
    await enqueueFinish(tx, id);
  });
const forgetClient = async (ctx: ComputeCtx, tx: Tx, id: number): Promise<void> => {
  for (const user of await listUsersOfClient(tx, id)) await notifyCaller(tx, user.uuid);
  await publishAccount(tx, id, 'account.deleted', ctx.clock.now());
  await removeClient(tx, id);
};
/** The job's step: removes the client once its last instance is gone, else sees to it that each is being deleted, and comes again. @returns whether it is gone */
export const finishDelete = (ctx: ComputeCtx, id: number): Promise<boolean> =>
  dbOf(ctx).transaction(async (tx) => {
    const was = await lockClient(tx, id);
    if (!was) return true;
    if (was.hold !== 'deleting') return false;
    if (await countLiveOfClient(tx, id)) {
      await deleteAllOfClient(ctx, tx, id);
      await enqueueFinish(tx, id, new Date(Date.now() + AGAIN_MS));
      return false;
    }
    await forgetClient(ctx, tx, id);
    return true;
  });
/** Gives every client that is being deleted its job back. @returns how many there are */
export const sweepDeleting = async (ctx: ComputeCtx): Promise<number> => {
  const ids = await listDeletingClients(dbOf(ctx), 1000);
  for (const id of ids) await dbOf(ctx).transaction((tx) => enqueueFinish(tx, id));
  return ids.length;
};
