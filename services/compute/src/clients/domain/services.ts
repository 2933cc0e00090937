import { invalid, notFound, type Fault, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import {
  countLiveOfClient,
  deleteAllOfClient,
  startRememberedOfClient,
  stopAllOfClient,
} from '../../instances/domain/client-instances.js';
import { projectsChanged } from '../../owners/domain/project-sync.js';
import { deleteStorageOfClient } from '../../volumes/domain/for-instances.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { refusal, unknownKey } from '../../refusals.js';
import { findClient, lockClient, type Client } from '../store/clients.js';
import { listOffers, type Offer } from '../store/products.js';
import {
  findService,
  insertService,
  moveServices,
  pageOfServices,
  setServiceExternalId,
  type Service,
} from '../store/services.js';

export type { Offer, Service };
/** @throws Fault not_found/page, invalid/filter */
export const listServices = (ctx: ComputeCtx, query: Query): Promise<Page<Service>> => pageOfServices(dbOf(ctx), query);
/** @throws Fault not_found */
export const getService = async (ctx: ComputeCtx, id: number): Promise<Service> => {
  const found = await findService(dbOf(ctx), id);
  if (!found) throw notFound('service.not_found');
  return found;
};
/** Changes the service's external id. @param externalId undefined: it stays; '' is none @throws Fault not_found */
export const renameService = async (
  ctx: ComputeCtx,
  id: number,
  externalId: string | null | undefined,
): Promise<Service> => {
  await dbOf(ctx).transaction(async (tx) => {
    if (externalId !== undefined) await setServiceExternalId(tx, id, externalId || null);
  });
  return getService(ctx, id);
};

/** The offers of OpenStack services in the client's currency. @throws Fault not_found */
export const offersFor = async (ctx: ComputeCtx, clientId: number): Promise<Offer[]> => {
  const client = await findClient(dbOf(ctx), clientId);
  if (!client) throw notFound('client.not_found');
  return listOffers(dbOf(ctx), client.currency);
};
const unknown = (field: string, pk: number): Fault => invalid([unknownKey([field], pk)]);
/**
 * Gives a client its one OpenStack service, with a new project or, for staff to add later, without one.
 * @throws Fault invalid, conflict/client.held
 */
export const createOpenstackService = async (
  ctx: ComputeCtx,
  wanted: { clientId: number; productId: number; cycleId: number; externalId: string | null; withProject: boolean },
): Promise<Service> => {
  const id = await dbOf(ctx).transaction(async (tx) => {
    const client = await lockClient(tx, wanted.clientId);
    if (!client) throw unknown('client_id', wanted.clientId);
    if (client.hold !== null) throw refusal('conflict', 'client.held', { hold: client.hold });
    const offers = (await listOffers(tx, client.currency)).filter((one) => one.productId === wanted.productId);
    if (!offers.length) throw unknown('product_id', wanted.productId);
    const offer = offers.find((one) => one.cycleId === wanted.cycleId);
    if (!offer) throw unknown('product_cycle_id', wanted.cycleId);
    const made = await insertService(
      tx,
      {
        clientId: client.id,
        orderId: null,
        productId: offer.productId,
        productCycleId: offer.cycleId,
        displayName: offer.name,
        productType: 'openstack',
        externalBillingId: wanted.externalId || null,
        withProject: wanted.withProject,
      },
      ctx.clock.now(),
    );
    await projectsChanged(tx, client.id);
    return made;
  });
  return getService(ctx, id);
};

/** Changes a service under the lock of its client. @throws Fault not_found, conflict/client.deleting */
const change = async (
  ctx: ComputeCtx,
  id: number,
  work: (tx: Tx, service: Service, client: Client) => Promise<void>,
): Promise<void> => {
  const { clientId } = await getService(ctx, id);
  await dbOf(ctx).transaction(async (tx) => {
    const client = await lockClient(tx, clientId);
    const service = await findService(tx, id);
    if (!client || !service) throw notFound('service.not_found');
    if (client.hold === 'deleting') throw refusal('conflict', 'client.deleting');
    await work(tx, service, client);
  });
};
const demandNotEnded = ({ status }: Service): void => {
  if (!['pending', 'active', 'suspended'].includes(status)) throw refusal('conflict', 'service.ended', { status });
};
const isCloud = (service: Service): boolean => service.productType === 'openstack';
/** The instances of a client that is itself suspended stay off until the client is resumed. */
const mayRun = (service: Service, client: Client): boolean => isCloud(service) && client.hold === null;
const move = (
  ctx: ComputeCtx,
  tx: Tx,
  { id: serviceId, clientId }: Service,
  from: readonly Service['status'][],
  to: 'active' | 'suspended' | 'terminated',
): Promise<number> => moveServices(tx, { clientId, serviceId }, from, to, ctx.clock.now());

// Contract compute §5; repeated, each changes nothing. Instances follow an OpenStack service.

/** @throws Fault not_found, conflict/client.deleting, conflict/service.ended */
export const activateService = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, service, client) => {
    demandNotEnded(service);
    await move(ctx, tx, service, ['pending', 'suspended'], 'active');
    if (service.status === 'suspended' && mayRun(service, client)) await startRememberedOfClient(tx, service.clientId);
  });
/** @throws Fault not_found, conflict/client.deleting, conflict/service.ended */
export const suspendService = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, service) => {
    demandNotEnded(service);
    const moved = await move(ctx, tx, service, ['active'], 'suspended');
    if (moved && isCloud(service)) await stopAllOfClient(tx, service.clientId);
  });
/** @throws Fault not_found, conflict/client.deleting, conflict/service.ended */
export const unsuspendService = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, service, client) => {
    demandNotEnded(service);
    const moved = await move(ctx, tx, service, ['suspended'], 'active');
    if (moved && mayRun(service, client)) await startRememberedOfClient(tx, service.clientId);
  });
/** @throws Fault not_found, conflict/client.deleting */
export const terminateService = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, service) => {
    const ended = await move(ctx, tx, service, ['pending', 'active', 'suspended'], 'terminated');
    if (ended) await projectsChanged(tx, service.clientId);
    if (isCloud(service) && (ended || (await countLiveOfClient(tx, service.clientId)))) {
      await deleteAllOfClient(tx, service.clientId);
      await deleteStorageOfClient(tx, service.clientId);
    }
  });
