import { conflict, notFound, type Tx } from '@nefos/service-kit';
import type { ComputeCtx } from '../ctx.js';
import { lockClient, type ClientRow } from '../store/clients.js';
import { selectPage } from '../store/lists.js';
import { findService, moveServices, serviceList, setServiceExternalId, type ServiceRow } from '../store/services.js';
import { countLiveOfClient, deleteAllOfClient, startRememberedOfClient, stopAllOfClient } from './fleet.js';
import { planList, readListQuery, type Page } from './list-query.js';

export type { ServiceRow };
export const listServices = (ctx: ComputeCtx, query: Readonly<Record<string, unknown>>): Promise<Page<ServiceRow>> => selectPage<ServiceRow>(ctx.db, planList(serviceList, readListQuery(serviceList, query)));
export const getService = async (ctx: ComputeCtx, id: number): Promise<ServiceRow> => { const found = await findService(ctx.db, id); if (!found) throw notFound('service.not_found'); return found; };
export const renameService = async (ctx: ComputeCtx, id: number, externalId: string | null | undefined): Promise<ServiceRow> => {
  await ctx.db.transaction(async (tx) => { if (externalId !== undefined) await setServiceExternalId(tx, id, externalId || null); });
  return getService(ctx, id);
};

/** Under the lock of its client, whose instances follow an OpenStack service. */
const change = async (ctx: ComputeCtx, id: number, work: (tx: Tx, service: ServiceRow, client: ClientRow) => Promise<void>): Promise<void> => {
  const { client_id: clientId } = await getService(ctx, id);
  await ctx.db.transaction(async (tx) => {
    const client = await lockClient(tx, clientId);
    const service = await findService(tx, id);
    if (!client || !service) throw notFound('service.not_found');
    if (client.hold === 'deleting') throw conflict('invalid_state', { detail: 'Client is being deleted.' });
    await work(tx, service, client);
  });
};
const refuseEnded = ({ status }: ServiceRow): void => { if (!['pending', 'active', 'suspended'].includes(status)) throw conflict('invalid_state', { detail: `Service is ${status}.` }); };
/** What runs for a client that is itself suspended stays off until the client is resumed. */
const mayRun = (service: ServiceRow, client: ClientRow): boolean => isCloud(service) && client.hold === null;
const isCloud = (service: ServiceRow): boolean => service.product_type === 'openstack';

/** Each is idempotent (contract compute §5). */
export const activateService = (ctx: ComputeCtx, id: number): Promise<void> => change(ctx, id, async (tx, service, client) => {
  refuseEnded(service);
  await moveServices(tx, { clientId: service.client_id, serviceId: id }, ['pending', 'suspended'], 'active', ctx.clock.now());
  if (service.status === 'suspended' && mayRun(service, client)) await startRememberedOfClient(ctx, tx, service.client_id);
});
export const suspendService = (ctx: ComputeCtx, id: number): Promise<void> => change(ctx, id, async (tx, service) => {
  refuseEnded(service);
  if (await moveServices(tx, { clientId: service.client_id, serviceId: id }, ['active'], 'suspended', ctx.clock.now()) && isCloud(service)) await stopAllOfClient(ctx, tx, service.client_id);
});
export const unsuspendService = (ctx: ComputeCtx, id: number): Promise<void> => change(ctx, id, async (tx, service, client) => {
  refuseEnded(service);
  if (await moveServices(tx, { clientId: service.client_id, serviceId: id }, ['suspended'], 'active', ctx.clock.now()) && mayRun(service, client)) await startRememberedOfClient(ctx, tx, service.client_id);
});
export const terminateService = (ctx: ComputeCtx, id: number): Promise<void> => change(ctx, id, async (tx, service) => {
  const ended = await moveServices(tx, { clientId: service.client_id, serviceId: id }, ['pending', 'active', 'suspended'], 'terminated', ctx.clock.now());
  if (isCloud(service) && (ended || await countLiveOfClient(tx, service.client_id))) await deleteAllOfClient(ctx, tx, service.client_id);
});
