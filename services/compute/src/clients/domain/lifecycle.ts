import { enqueue, ensureJob, notFound, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { deleteImagesOfClient } from '../../catalog/domain/parts.js';
import { deleteNetworkOfClient } from '../../networking/domain/of-client.js';
import { publishAccount } from '../../owners/domain/accounts.js';
import { projectsChanged } from '../../owners/domain/project-sync.js';
import { forgetUsageOf } from '../../owners/domain/usage.js';
import { notifyCaller } from '../../access/domain/callers.js';
import { refusal } from '../../refusals.js';
import { holdClient, listDeletingClients, lockClient, removeClient, type Client } from '../store/clients.js';
import { listUsersOfClient } from '../store/members.js';
import { listServicesOfClient, moveServices } from '../store/services.js';
import {
  countLiveOfClient,
  deleteAllOfClient,
  startRememberedOfClient,
  stopAllOfClient,
} from '../../instances/domain/client-instances.js';
import { countStorageOfClient, deleteStorageOfClient } from '../../volumes/domain/for-instances.js';

// Suspension, its end, and the client's own end (contract compute §4.3, §9.3). Repeated, each changes nothing.

/** Does `work` under the lock of the client. @throws Fault not_found */
const change = (ctx: ComputeCtx, id: number, work: (tx: Tx, client: Client) => Promise<void>): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    const client = await lockClient(tx, id);
    if (!client) throw notFound('client.not_found');
    await work(tx, client);
  });
const demandNotDeleting = ({ hold }: Client): void => {
  if (hold === 'deleting') throw refusal('conflict', 'client.deleting');
};

/**
 * Stops the instances that run and remembers them. The client's users may only read and delete from now on.
 * @throws Fault not_found, conflict/client.deleting
 */
export const suspendClient = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, client) => {
    demandNotDeleting(client);
    if (client.hold === 'suspended') return;
    await holdClient(tx, id, 'suspended');
    await moveServices(tx, { clientId: id }, ['active'], 'suspended', ctx.clock.now());
    await stopAllOfClient(tx, id);
  });
/** Ends the suspension, and starts the instances that it stopped. @throws Fault not_found, conflict/client.deleting */
export const resumeClient = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, client) => {
    demandNotDeleting(client);
    if (client.hold === null) return;
    await holdClient(tx, id, null);
    await moveServices(tx, { clientId: id }, ['suspended'], 'active', ctx.clock.now());
    await startRememberedOfClient(tx, id);
  });
/**
 * Ends all services.
 * @param withResources whether instances are deleted, too
 * @throws Fault not_found, conflict/client.deleting; conflict/client.has_resources: there are instances, and they are
 * not to be deleted
 */
export const terminateClient = (ctx: ComputeCtx, id: number, withResources: boolean): Promise<void> =>
  change(ctx, id, async (tx, client) => {
    demandNotDeleting(client);
    if (!withResources && (await hasResources(tx, id))) throw refusal('conflict', 'client.has_resources');
    await endServices(ctx, tx, id);
    await holdClient(tx, id, null);
  });
const endServices = async (ctx: ComputeCtx, tx: Tx, id: number): Promise<void> => {
  await moveServices(tx, { clientId: id }, ['pending', 'active', 'suspended'], 'terminated', ctx.clock.now());
  await projectsChanged(tx, id);
  await deleteAllOfClient(tx, id);
  await deleteStorageOfClient(tx, id);
};

/** Instances, volumes, and what is kept of volumes. */
const hasResources = async (tx: Tx, id: number): Promise<boolean> =>
  (await countLiveOfClient(tx, id)) + (await countStorageOfClient(tx, id)) > 0;

const FINISH = 'client.delete';
/** Added to the wall clock, as the job queue uses it. */
const CHECK_AGAIN_MS = 1000;
const enqueueFinish = (tx: Tx, id: number, runAt?: Date): Promise<void> =>
  enqueue(tx, FINISH, { id }, { key: `${FINISH}:${id}`, ...(runAt && { runAt }) });
/**
 * Deletes a client that has no active service and no instance. With `withResources` its services end, its instances are
 * deleted, and the row is removed when the last instance is deleted.
 * @throws Fault not_found, conflict/client.has_services
 */
export const deleteClient = (ctx: ComputeCtx, id: number, withResources: boolean): Promise<void> =>
  change(ctx, id, async (tx, client) => {
    if (client.hold === 'deleting') {
      await enqueueFinish(tx, id);
      return;
    }
    if (!withResources) {
      const services = await listServicesOfClient(tx, id);
      if (services.some(({ status }) => status === 'active' || status === 'suspended') || (await hasResources(tx, id)))
        throw refusal('conflict', 'client.has_services');
      await forgetClient(ctx, tx, id);
      return;
    }
    await holdClient(tx, id, 'deleting');
    await endServices(ctx, tx, id);
    await enqueueFinish(tx, id);
  });
/** Removes the row and what images there are, and tells metering and the caches. */
const forgetClient = async (ctx: ComputeCtx, tx: Tx, id: number): Promise<void> => {
  for (const user of await listUsersOfClient(tx, id)) await notifyCaller(tx, user.uuid);
  await publishAccount(tx, id, 'account.deleted', ctx.clock.now());
  await deleteImagesOfClient(tx, id);
  await forgetUsageOf(tx, id);
  await deleteNetworkOfClient(tx, id);
  await removeClient(tx, id);
};
/**
 * The job `client.delete`: removes the client once its last instance is deleted; until then it makes sure that each is
 * being deleted, and enqueues itself again.
 * @returns whether the client is removed
 */
export const finishDelete = (ctx: ComputeCtx, id: number): Promise<boolean> =>
  dbOf(ctx).transaction(async (tx) => {
    const client = await lockClient(tx, id);
    if (!client) return true;
    if (client.hold !== 'deleting') return false;
    if (await hasResources(tx, id)) {
      await deleteAllOfClient(tx, id);
      await deleteStorageOfClient(tx, id);
      await enqueueFinish(tx, id, new Date(Date.now() + CHECK_AGAIN_MS));
      return false;
    }
    await forgetClient(ctx, tx, id);
    return true;
  });
/** Enqueues the job of every client that is being deleted. @returns how many there are */
export const sweepDeleting = async (ctx: ComputeCtx): Promise<number> => {
  const ids = await listDeletingClients(ctx.db, 1000);
  for (const id of ids) await ctx.db.transaction((tx) => ensureJob(tx, FINISH, { id }, { key: `${FINISH}:${id}` }));
  return ids.length;
};
