import { audit } from '../../access/domain/audit.js';
import { transactionWithInvalidation } from '../../access/domain/changes.js';
import { bad, conflict, notFound } from '../../access/domain/errors.js';
import type { IdentityRequest } from '../../ctx.js';
import { findComponent } from '../store/components.js';
import { deleteEndpoints, insertEndpoint } from '../store/endpoints.js';
import { findService, insertService, listServices, updateServiceType } from '../store/services.js';
import { demandEndpointRules, demandServiceRules } from './catalog-rules.js';

/**
 * Registers a service of a component, or gives it another type.
 * @throws conflict service.foreign when another component has a service of this name; not_found component.absent;
 *   invalid
 */
export const registerService = (
  ctx: IdentityRequest,
  service: { name: string; type: string; component: string },
): Promise<{ id: number }> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    demandServiceRules(service);
    const { name, type } = service;
    const owner = await findComponent(tx, service.component);
    if (!owner) throw notFound('component.absent', { name: service.component });
    await insertService(tx, { name, type, componentId: owner.id });
    const found = await findService(tx, service.name);
    if (found?.component !== service.component) throw conflict('service.foreign', { name: service.name });
    await updateServiceType(tx, found.id, service.type);
    await audit(ctx, tx, 'service.register', service.name, 'ok', { type: service.type });
    invalidate('directory');
    return { id: found.id };
  });
/**
 * Adds an endpoint. `replace` removes the service's other endpoints first: clients expect one per service.
 * @throws not_found service.absent; invalid
 */
export const addEndpoint = (
  ctx: IdentityRequest,
  service: string,
  data: Record<string, string>,
  replace: boolean,
): Promise<{ id: number }> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    const found = await findService(tx, service);
    if (!found) throw notFound('service.absent', { name: service });
    if (!data.publicURL) throw bad('endpoint.url_missing');
    demandEndpointRules(data);
    if (replace) await deleteEndpoints(tx, found.id);
    const id = await insertEndpoint(tx, found.id, data);
    await audit(ctx, tx, 'endpoint.add', service, 'ok', data);
    invalidate('directory');
    return { id };
  });

/** A service with its endpoints, whose addresses are absolute as clients get them. */
export interface ListedService {
  id: number;
  name: string;
  type: string;
  component: string;
  endpoints: readonly { id: number; data: Record<string, string> }[];
}
export interface ListedEndpoint {
  id: number;
  service: string;
  data: Record<string, string>;
}
export const services = async (ctx: IdentityRequest): Promise<ListedService[]> => {
  const [rows, directory] = await Promise.all([listServices(ctx.db), ctx.directory.get()]);
  return rows.map(({ id, name, type, component }) => ({
    id,
    name,
    type,
    component,
    endpoints: directory.services.find((s) => s.id === id)?.endpoints ?? [],
  }));
};
/** @throws not_found service.absent */
export const serviceByName = async (ctx: IdentityRequest, name: string): Promise<ListedService> => {
  const found = (await services(ctx)).find((one) => one.name === name);
  if (!found) throw notFound('service.absent', { name });
  return found;
};
/** @throws not_found service.absent */
export const endpoints = async (ctx: IdentityRequest, serviceName?: string): Promise<ListedEndpoint[]> => {
  const listed = serviceName === undefined ? await services(ctx) : [await serviceByName(ctx, serviceName)];
  return listed.flatMap((service) => service.endpoints.map(({ id, data }) => ({ id, service: service.name, data })));
};
/** @throws not_found endpoint.absent */
export const endpointById = async (ctx: IdentityRequest, id: number): Promise<ListedEndpoint> => {
  const found = (await endpoints(ctx)).find((one) => one.id === id);
  if (!found) throw notFound('endpoint.absent', { id: String(id) });
  return found;
};
