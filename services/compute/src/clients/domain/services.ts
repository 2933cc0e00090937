import { conflict, Fault, notFound, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { findClient, lockClient, type ClientRow } from '../store/clients.js';
import { selectPage } from '../../lists/select-page.js';
import {
  findService,
  insertService,
  listOffers,
  moveServices,
  serviceList,
  setServiceExternalId,
  type OfferRow,
  type ServiceRow,
} from '../store/services.js';
import {
  countLiveOfClient,
  deleteAllOfClient,
  startRememberedOfClient,
  stopAllOfClient,
} from '../../instances/domain/fleet.js';
import { planList, readListQuery, type Page } from '../../lists/list-query.js';

export type { OfferRow, ServiceRow };
export const listServices = (ctx: ComputeCtx, query: Readonly<Record<string, unknown>>): Promise<Page<ServiceRow>> =>
  selectPage<ServiceRow>(dbOf(ctx), planList(serviceList, readListQuery(serviceList, query)));
export const getService = async (ctx: ComputeCtx, id: number): Promise<ServiceRow> => {
  const found = await findService(dbOf(ctx), id);
  if (!found) throw notFound('service.not_found');
  return found;
};
export const renameService = async (
  ctx: ComputeCtx,
  id: number,
  externalId: string | null | undefined,
): Promise<ServiceRow> => {
  await dbOf(ctx).transaction(async (tx) => {
    if (externalId !== undefined) await setServiceExternalId(tx, id, externalId || null);
  });
  return getService(ctx, id);
};

/** What an OpenStack service can be ordered as, in the client's currency. @throws Fault not_found */
export const offersFor = async (ctx: ComputeCtx, clientId: number): Promise<OfferRow[]> => {
  const client = await findClient(dbOf(ctx), clientId);
  if (!client) throw notFound('client.not_found');
  return listOffers(dbOf(ctx), client.currency);
};
const unknown = (path: string, pk: number): Fault =>
  new Fault('invalid', 'validation', { issues: [{ path: [path], rule: 'pk', values: { pk } }] });
/** Gives a client its one OpenStack service and a new project. @throws Fault invalid */
export const createOpenstackService = async (
  ctx: ComputeCtx,
  wish: { clientId: number; productId: number; cycleId: number; externalId: string | null },
): Promise<ServiceRow> => {
  const id = await dbOf(ctx).transaction(async (tx) => {
    const client = await lockClient(tx, wish.clientId);
    if (!client) throw unknown('client_id', wish.clientId);
    if (client.hold !== null) throw conflict('invalid_state', { detail: `Client is ${client.hold}.` });
    const offers = (await listOffers(tx, client.currency)).filter((one) => one.product_id === wish.productId);
    if (!offers.length) throw unknown('product_id', wish.productId);
    const offer = offers.find((one) => one.cycle_id === wish.cycleId);
    if (!offer) throw unknown('product_cycle_id', wish.cycleId);
    return insertService(tx, {
      clientId: client.id,
      orderId: null,
      productId: offer.product_id,
      cycleId: offer.cycle_id,
      name: offer.name,
      productType: 'openstack',
      externalId: wish.externalId || null,
      now: ctx.clock.now(),
    });
  });
  return getService(ctx, id);
};

/** Under the lock of its client, whose instances follow an OpenStack service. */
const change = async (
  ctx: ComputeCtx,
  id: number,
  work: (tx: Tx, service: ServiceRow, client: ClientRow) => Promise<void>,
): Promise<void> => {
  const { client_id: clientId } = await getService(ctx, id);
  await dbOf(ctx).transaction(async (tx) => {
    const client = await lockClient(tx, clientId);
    const service = await findService(tx, id);
    if (!client || !service) throw notFound('service.not_found');
    if (client.hold === 'deleting') throw conflict('invalid_state', { detail: 'Client is being deleted.' });
    await work(tx, service, client);
  });
};
const refuseEnded = ({ status }: ServiceRow): void => {
  if (!['pending', 'active', 'suspended'].includes(status))
    throw conflict('invalid_state', { detail: `Service is ${status}.` });
};
/** What runs for a client that is itself suspended stays off until the client is resumed. */
const mayRun = (service: ServiceRow, client: ClientRow): boolean => isCloud(service) && client.hold === null;
const isCloud = (service: ServiceRow): boolean => service.product_type === 'openstack';

/** Each is idempotent (contract compute §5). */
export const activateService = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, service, client) => {
    refuseEnded(service);
    await moveServices(
      tx,
      { clientId: service.client_id, serviceId: id },
      ['pending', 'suspended'],
      'active',
      ctx.clock.now(),
    );
    if (service.status === 'suspended' && mayRun(service, client))
      await startRememberedOfClient(ctx, tx, service.client_id);
  });
export const suspendService = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, service) => {
    refuseEnded(service);
    if (
      (await moveServices(
        tx,
        { clientId: service.client_id, serviceId: id },
        ['active'],
        'suspended',
        ctx.clock.now(),
      )) &&
      isCloud(service)
    )
      await stopAllOfClient(ctx, tx, service.client_id);
  });
export const unsuspendService = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, service, client) => {
    refuseEnded(service);
    if (
      (await moveServices(
        tx,
        { clientId: service.client_id, serviceId: id },
        ['suspended'],
        'active',
        ctx.clock.now(),
      )) &&
      mayRun(service, client)
    )
      await startRememberedOfClient(ctx, tx, service.client_id);
  });
export const terminateService = (ctx: ComputeCtx, id: number): Promise<void> =>
  change(ctx, id, async (tx, service) => {
    const ended = await moveServices(
      tx,
      { clientId: service.client_id, serviceId: id },
      ['pending', 'active', 'suspended'],
      'terminated',
      ctx.clock.now(),
    );
    if (isCloud(service) && (ended || (await countLiveOfClient(tx, service.client_id))))
      await deleteAllOfClient(ctx, tx, service.client_id);
  });
