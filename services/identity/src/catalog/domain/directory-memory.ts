import type { Db } from '@nefos/service-kit';
import { listGroups } from '../../access/domain/groups.js';
import { listComponents, listEndpoints, listServices, type EndpointRow } from '../store/catalog.js';
import type { Directory, DirectoryData } from './directory.js';

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
