import type { IdentityRequest } from '../../ctx.js';
import { listServices } from '../store/catalog.js';
import { notFound } from '../../access/domain/errors.js';

/** A service as it is registered; addresses as clients get them. */
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
  const [rows, { services: known }] = await Promise.all([listServices(ctx.db), ctx.directory.get()]);
  return rows.map(({ id, name, type, component }) => ({
    id,
    name,
    type,
    component,
    endpoints: known.find((s) => s.id === id)?.endpoints ?? [],
  }));
};
/** @throws not_found service.absent */
export const serviceByName = async (ctx: IdentityRequest, name: string): Promise<ListedService> => {
  const found = (await services(ctx)).find((one) => one.name === name);
  if (!found) throw notFound('service.absent', { name });
  return found;
};
/** @throws not_found service.absent */
export const endpoints = async (ctx: IdentityRequest, service?: string): Promise<ListedEndpoint[]> =>
  (service === undefined ? await services(ctx) : [await serviceByName(ctx, service)]).flatMap(
    ({ name, endpoints: of }) => of.map(({ id, data }) => ({ id, service: name, data })),
  );
/** @throws not_found endpoint.absent */
export const endpointById = async (ctx: IdentityRequest, id: number): Promise<ListedEndpoint> => {
  const found = (await endpoints(ctx)).find((one) => one.id === id);
  if (!found) throw notFound('endpoint.absent', { id: String(id) });
  return found;
};
