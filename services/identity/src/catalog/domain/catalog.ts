import type { ComponentRight } from '@nefos/contracts';
import type { Db } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import {
  deleteEndpoints,
  findComponent,
  findService,
  insertComponent,
  insertEndpoint,
  insertService,
  listComponents,
  listEndpoints,
  listResources,
  listServices,
  updateRights,
  updateServiceType,
} from '../store/catalog.js';
import { listGroups } from '../../access/store/groups.js';
import { audit } from '../../access/domain/audit.js';
import { demandComponentRules, demandEndpointRules, demandServiceRules } from './catalog-rules.js';
import { changing } from '../../access/domain/changes.js';
import { bad, conflict, notFound } from '../../access/domain/errors.js';
import { mint } from '../../access/domain/tokens.js';

export interface Component {
  id: number;
  name: string;
  url: string;
  icon: string | null;
  position: number;
  listed: boolean;
  rights: readonly string[];
}
export interface NewComponent {
  id?: number;
  name: string;
  url: string;
  icon?: string | null;
  position?: number;
  listed?: boolean;
  rights?: readonly ComponentRight[];
}
export interface ServiceRow {
  id: number;
  name: string;
  type: string;
  componentUrl: string;
  component: string;
}
export interface EndpointRow {
  id: number;
  serviceId: number;
  data: Record<string, string>;
}
export interface Resource {
  name: string;
  description: string;
  unit: string | null;
  serviceOrigin: string;
  uiVisible: boolean;
}
/** A service with its endpoints; addresses are absolute. `uiUrl` is the endpoint's own, else the component's. */
export interface CatalogService {
  id: number;
  name: string;
  type: string;
  endpoints: { id: number; uiUrl: string; data: Record<string, string> }[];
}
/** What rarely changes and is needed by every answer: the catalog, components, groups by id. */
export interface DirectoryData {
  services: readonly CatalogService[];
  components: readonly Component[];
  groups: ReadonlyMap<number, string>;
  /** What others made of this data, e.g. rendered text; lives as long as the data. */ derived: Map<string, unknown>;
}
export interface Directory {
  peek(): DirectoryData | undefined;
  get(): Promise<DirectoryData>;
  forget(): void;
}

const MAX_AGE_MS = 60_000;
const isAddress = (key: string): boolean => key.endsWith('URL');
/** Addresses may be registered relative to the public origin: they stay right when that moves. */
const absolute = (value: string, publicUrl: string): string => (value.startsWith('/') ? publicUrl + value : value);

/**
 * Identity is found by whoever looks for its internal or admin address, which is what services and old clients do by default. Where none is
 * registered it is the public one.
 */
const everywhere = (type: string, data: Record<string, string>): Record<string, string> =>
  type === 'identity' && data.publicURL !== undefined
    ? { ...data, internalURL: data.internalURL ?? data.publicURL, adminURL: data.adminURL ?? data.publicURL }
    : data;

const read = async (db: Db, publicUrl: string): Promise<DirectoryData> => {
  const [services, endpoints, components, groups] = await Promise.all([
    listServices(db),
    listEndpoints(db),
    listComponents(db),
    listGroups(db),
  ]);
  const data = (e: EndpointRow): Record<string, string> =>
    Object.fromEntries(
      Object.entries(e.data)
        // An empty one, from before it was refused, is none.
        .filter(([key, value]) => value !== '' || !(isAddress(key) || key === 'region'))
        .map(([key, value]) => [key, isAddress(key) ? absolute(value, publicUrl) : value]),
    );
  return {
    services: services.map((s) => ({
      id: s.id,
      name: s.name,
      type: s.type,
      endpoints: endpoints
        .filter((e) => e.serviceId === s.id)
        .map((e) => ({
          id: e.id,
          uiUrl: absolute(e.data['SNF:uiURL'] ?? s.componentUrl, publicUrl),
          data: everywhere(s.type, data(e)),
        })),
    })),
    components,
    groups: new Map(groups.map((g) => [g.id, g.name])),
    derived: new Map(),
  };
};
export const makeDirectory = (db: Db, publicUrl: string): Directory => {
  let data: DirectoryData | undefined;
  let at = 0;
  let reading: Promise<DirectoryData> | undefined;
  let generation = 0;
  const peek = (): DirectoryData | undefined => (data && Date.now() - at < MAX_AGE_MS ? data : undefined);
  const get = async (): Promise<DirectoryData> => {
    const fresh = peek();
    if (fresh) return fresh;
    const before = generation;
    const promise = (reading ??= read(db, publicUrl).finally(() => {
      if (reading === promise) reading = undefined;
    }));
    const found = await promise;
    if (before === generation) {
      data = found;
      at = Date.now();
    }
    return found;
  };
  return {
    peek,
    get,
    forget: () => {
      generation += 1;
      data = undefined;
      reading = undefined;
    },
  };
};

/** Registers a component and makes its token, which is shown only here. @throws conflict component.taken; invalid catalog.value */
export const createComponent = (
  ctx: IdentityRequest,
  component: NewComponent,
): Promise<{ id: number; token: string }> =>
  changing(ctx, async (tx, stale) => {
    demandComponentRules(component);
    const id = await insertComponent(tx, component);
    if (id === undefined) throw conflict('component.taken', { name: component.name });
    const { token } = await mint(tx, { kind: 'component', componentId: id });
    await audit(ctx, tx, 'component.create', component.name);
    stale('directory');
    return { id, token };
  });
/** All components, with what they are trusted with. */
export const components = (ctx: IdentityRequest): Promise<Component[]> => listComponents(ctx.db);
/** @throws not_found component.absent */
export const componentByName = async (ctx: IdentityRequest, name: string): Promise<Component> => {
  const found = await findComponent(ctx.db, name);
  if (!found) throw notFound('component.absent', { name });
  return found;
};
/** What a component is trusted with from now on, in every process at once. @throws not_found component.absent */
export const setComponentRights = (
  ctx: IdentityRequest,
  name: string,
  rights: readonly ComponentRight[],
): Promise<void> =>
  changing(ctx, async (tx, stale) => {
    const id = await updateRights(tx, name, rights);
    if (id === undefined) throw notFound('component.absent', { name });
    await audit(ctx, tx, 'component.rights', name, 'ok', { rights });
    stale(`component:${id}`);
  });
/** Registers a service of a component, or gives it another type. @throws conflict service.foreign when another component has it */
export const registerService = (
  ctx: IdentityRequest,
  service: { name: string; type: string; component: string },
): Promise<{ id: number }> =>
  changing(ctx, async (tx, stale) => {
    demandServiceRules(service);
    const owner = await findComponent(tx, service.component);
    if (!owner) throw notFound('component.absent', { name: service.component });
    await insertService(tx, { ...service, componentId: owner.id });
    const found = await findService(tx, service.name);
    if (found?.component !== service.component) throw conflict('service.foreign', { name: service.name });
    await updateServiceType(tx, found.id, service.type);
    await audit(ctx, tx, 'service.register', service.name, 'ok', { type: service.type });
    stale('directory');
    return { id: found.id };
  });
/** Adds an endpoint; `replace` removes the service's others first, since clients want one per service. */
export const addEndpoint = (
  ctx: IdentityRequest,
  service: string,
  data: Record<string, string>,
  replace: boolean,
): Promise<{ id: number }> =>
  changing(ctx, async (tx, stale) => {
    const found = await findService(tx, service);
    if (!found) throw notFound('service.absent', { name: service });
    if (!data.publicURL) throw bad('endpoint.url_missing');
    demandEndpointRules(data);
    if (replace) await deleteEndpoints(tx, found.id);
    const id = await insertEndpoint(tx, found.id, data);
    await audit(ctx, tx, 'endpoint.add', service, 'ok', data);
    stale('directory');
    return { id };
  });
export const resources = (ctx: IdentityRequest): Promise<Resource[]> => listResources(ctx.db);
