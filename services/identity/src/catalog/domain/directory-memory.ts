import type { Db } from '@nefos/service-kit';
import { listGroups } from '../../access/domain/groups.js';
import { listComponents } from '../store/components.js';
import { listEndpoints, type EndpointRow } from '../store/endpoints.js';
import { listServices } from '../store/services.js';
import { isAddressKey } from './catalog-rules.js';
import type { CatalogService, Directory, DirectoryData } from './directory.js';
import { isOwnService } from './own-names.js';

const MAX_AGE_MS = 60_000;
/** Addresses may be registered relative to the public origin, so that they stay valid when it changes. */
const absolute = (value: string, publicUrl: string): string => (value.startsWith('/') ? publicUrl + value : value);

/**
 * Services and old clients look for identity's internal or admin address by default: where none is registered, it is
 * the public one.
 */
const withAllInterfaces = (type: string, data: Record<string, string>): Record<string, string> =>
  type === 'identity' && data.publicURL !== undefined
    ? { ...data, internalURL: data.internalURL ?? data.publicURL, adminURL: data.adminURL ?? data.publicURL }
    : data;

const dataOf = (e: EndpointRow, publicUrl: string): Record<string, string> =>
  Object.fromEntries(
    Object.entries(e.data)
      // Rows from before empty addresses and regions were refused: an empty one counts as absent.
      .filter(([key, value]) => value !== '' || !(isAddressKey(key) || key === 'region'))
      .map(([key, value]) => [key, isAddressKey(key) ? absolute(value, publicUrl) : value]),
  );
/** The directory with the two catalogs of a demo; another installation has one catalog for all. */
const withCatalogs = (all: DirectoryData): DirectoryData => {
  const part = (shown: (one: CatalogService) => boolean): DirectoryData => ({
    ...all,
    services: all.services.filter(shown),
    derived: new Map(),
  });
  return all.services.some((one) => one.document)
    ? {
        ...all,
        catalogs: {
          document: part(({ document, name }) => document || isOwnService(name)),
          served: part(({ document }) => !document),
        },
      }
    : all;
};
const read = async (db: Db, publicUrl: string): Promise<DirectoryData> => {
  const [services, endpoints, components, groups] = await Promise.all([
    listServices(db),
    listEndpoints(db),
    listComponents(db),
    listGroups(db),
  ]);
  return withCatalogs({
    services: services.map((s) => ({
      id: s.id,
      name: s.name,
      type: s.type,
      document: s.document,
      endpoints: endpoints
        .filter((e) => e.serviceId === s.id)
        .map((e) => ({
          id: e.id,
          uiUrl: absolute(e.data['SNF:uiURL'] ?? s.componentUrl, publicUrl),
          data: withAllInterfaces(s.type, dataOf(e, publicUrl)),
        })),
    })),
    components,
    groups: new Map(groups.map((g) => [g.id, g.name])),
    derived: new Map(),
  });
};
/**
 * Reads the directory when it is needed and keeps it for a minute, or until `forget`. Data that was read before a
 * `forget` is given to those who wait for it, and is not kept.
 */
export const makeDirectory = (db: Db, publicUrl: string): Directory => {
  let cached: DirectoryData | undefined;
  let cachedAt = 0;
  let reading: Promise<DirectoryData> | undefined;
  let generation = 0;
  const peek = (): DirectoryData | undefined => (cached && Date.now() - cachedAt < MAX_AGE_MS ? cached : undefined);
  const get = async (): Promise<DirectoryData> => {
    const fresh = peek();
    if (fresh) return fresh;
    const generationBefore = generation;
    const promise = (reading ??= read(db, publicUrl).finally(() => {
      if (reading === promise) reading = undefined;
    }));
    const found = await promise;
    if (generationBefore === generation) {
      cached = found;
      cachedAt = Date.now();
    }
    return found;
  };
  return {
    peek,
    get,
    forget: () => {
      generation += 1;
      cached = undefined;
      reading = undefined;
    },
  };
};
