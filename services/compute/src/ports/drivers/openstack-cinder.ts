import { LRUCache } from 'lru-cache';
import { DriverError } from '../driver.js';
import type { StoredRef, StoredView } from '../driver-volumes.js';
import { unlessMissing } from './openstack-errors.js';
import { portalIdIn, tagOf } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

// Cinder's volumes, snapshots and backups, known by the portal's id: it is their name from the moment on in which they
// are made, and what clients call them is their description. Metadata would not do: a volume that a backup is restored
// to gets those of the volume that was backed up.

export type StoredKind = 'volume' | 'snapshot' | 'backup';
/** A thing as Cinder shows it to an administrator. */
export interface Stored {
  id: string;
  name: string | null;
  status: string;
  /** GB. */
  size: number;
  created_at: string;
  volume_id?: string;
  attachments?: { server_id: string; device: string | null }[];
  'os-vol-tenant-attr:tenant_id'?: string;
}
const PATHS: Readonly<Record<StoredKind, string>> = { volume: '/volumes', snapshot: '/snapshots', backup: '/backups' };
const PAGE = 1000;
/** A page after the first is of the same list as long. */
const KEPT_MS = 60_000;
const READY = new Set(['available', 'in-use', 'reserved', 'awaiting-transfer', 'unmanaging']);

/** How the portal finds a thing again, among what it is made with. */
export const markOf = (portalId: string, name: string): object => ({
  name: tagOf(portalId),
  description: name.slice(0, 255),
});
const portalIdOf = ({ name }: Stored): string | undefined => portalIdIn(name);
const firstMade = (a: Stored, b: Stored): number => {
  const [one, other] = [`${a.created_at} ${a.id}`, `${b.created_at} ${b.id}`];
  return one < other ? -1 : one > other ? 1 : 0;
};
export const viewOf = (kind: StoredKind, { id, status, size }: Stored): StoredView => {
  const view = { backendId: id, sizeGb: size };
  if (status.startsWith('error'))
    return { ...view, status: 'error', message: `The ${kind} is in state ${status} at the cloud.` };
  return { ...view, status: READY.has(status) ? 'ready' : 'busy' };
};

export type Cinder = ReturnType<typeof createCinder>;
/** Finds, makes and deletes what Cinder stores, each once for its id of the portal. */
export const createCinder = ({ call }: Session) => {
  const making = new Map<string, Promise<Stored>>();
  /** Portal ids of volumes by the cloud's: they never change. */
  const known = new LRUCache<string, string>({ max: 20_000 });
  const lists = new LRUCache<StoredKind, StoredRef[]>({ max: 3, ttl: KEPT_MS });

  const ask = <T>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    more: { body?: object; query?: Record<string, string | number>; project?: string | null | undefined } = {},
  ) => {
    const { body, query, project = null } = more;
    return call<T>({ service: 'volume', method, path, project, ...(body && { body }), ...(query && { query }) });
  };
  /** @returns things, and whether there are more behind them */
  const page = async (kind: StoredKind, query: Record<string, string | number>): Promise<[Stored[], boolean]> => {
    const path = `${PATHS[kind]}/detail`;
    const { body } = await ask<Record<string, unknown[]>>('GET', path, { query: { all_tenants: 1, ...query } });
    const links = (body[`${kind}s_links`] ?? []) as { rel: string }[];
    return [(body[`${kind}s`] ?? []) as Stored[], links.some(({ rel }) => rel === 'next')];
  };
  /** Those that bear the id, the one that stays first. */
  const marked = async (kind: StoredKind, portalId: string): Promise<Stored[]> => {
    const [found] = await page(kind, { name: tagOf(portalId) });
    return found.filter((one) => portalIdOf(one) === portalId).sort(firstMade);
  };
  const byId = async (kind: StoredKind, id: string): Promise<Stored | undefined> => {
    const path = `${PATHS[kind]}/${encodeURIComponent(id)}`;
    return (await unlessMissing(ask<Record<string, Stored>>('GET', path)))?.body[kind];
  };
  const find = async (kind: StoredKind, { portalId, backendId }: StoredRef): Promise<Stored | undefined> => {
    const found = backendId === null ? undefined : await byId(kind, backendId);
    if (found && portalIdOf(found) === portalId) return found;
    return (await marked(kind, portalId))[0];
  };
  const erase = async (kind: StoredKind, { id, status }: Stored): Promise<void> => {
    if (status === 'deleting') return;
    const path = `${PATHS[kind]}/${encodeURIComponent(id)}`;
    // Cinder has given up: it is made to begin again.
    if (status === 'error_deleting')
      await unlessMissing(ask('POST', `${path}/action`, { body: { 'os-force_delete': {} } }));
    else await unlessMissing(ask('DELETE', path));
  };
  /** Makes one; of what two processes make at once, the first stays. */
  const make = async (kind: StoredKind, portalId: string, post: () => Promise<unknown>): Promise<Stored> => {
    const [before] = await marked(kind, portalId);
    if (before) return before;
    await post();
    const [first, ...surplus] = await marked(kind, portalId);
    if (!first) throw new DriverError('CONFLICT', `The ${kind} is gone again.`);
    // What is being made can not be deleted yet: then a list shows it.
    for (const one of surplus) await erase(kind, one).catch(() => undefined);
    return first;
  };
  /** All that the portal has there, by its ids; second ones of an id go. */
  const bearers = async (kind: StoredKind): Promise<StoredRef[]> => {
    const things: Stored[] = [];
    for (let marker: string | undefined; ;) {
      const [some, more] = await page(kind, { limit: PAGE, sort: 'id:asc', ...(marker !== undefined && { marker }) });
      things.push(...some);
      marker = some.at(-1)?.id;
      if (!more || marker === undefined) break;
    }
    const refs = new Map<string, StoredRef>();
    for (const one of things.sort(firstMade)) {
      const portalId = portalIdOf(one);
      if (portalId === undefined || one.status === 'deleting') continue;
      if (refs.has(portalId)) await erase(kind, one).catch(() => undefined);
      else refs.set(portalId, { portalId, backendId: one.id });
    }
    return [...refs.values()].sort((a, b) => (a.portalId < b.portalId ? -1 : 1));
  };
  return {
    ask,
    find,
    /** @throws DriverError NOT_FOUND */
    demand: async (kind: StoredKind, ref: StoredRef): Promise<Stored> => {
      const found = await find(kind, ref);
      if (!found || found.status === 'deleting') throw new DriverError('NOT_FOUND', `The ${kind} does not exist.`);
      return found;
    },
    view: async (kind: StoredKind, ref: StoredRef): Promise<StoredView | null> => {
      const found = await find(kind, ref);
      return found ? viewOf(kind, found) : null;
    },
    once: async (kind: StoredKind, portalId: string, post: () => Promise<unknown>): Promise<StoredRef> => {
      const key = `${kind}:${portalId}`;
      const one = making.get(key) ?? make(kind, portalId, post).finally(() => making.delete(key));
      making.set(key, one);
      return { portalId, backendId: (await one).id };
    },
    /** Succeeds when there is none. */
    destroy: async (kind: StoredKind, ref: StoredRef): Promise<void> => {
      const all = await marked(kind, ref.portalId);
      const one = await find(kind, ref);
      if (one && !all.some(({ id }) => id === one.id)) all.push(one);
      for (const each of all) await erase(kind, each);
    },
    list: async (kind: StoredKind, { after, limit }: { after: string | null; limit: number }): Promise<StoredRef[]> => {
      const all = (after === null ? undefined : lists.get(kind)) ?? (await bearers(kind));
      lists.set(kind, all);
      return all.filter(({ portalId }) => after === null || portalId > after).slice(0, limit);
    },
    /** Undefined: the volume is none of the portal's. */
    portalIdOf: async (id: string): Promise<string | undefined> => {
      const remembered = known.get(id);
      if (remembered !== undefined) return remembered;
      const found = await byId('volume', id);
      const portalId = found && portalIdOf(found);
      if (portalId !== undefined) known.set(id, portalId);
      return portalId;
    },
    /** One that Nova made, by Cinder's id. Those of the portal are none, whatever an image names. */
    dropSnapshot: async (id: string): Promise<void> => {
      const found = await byId('snapshot', id);
      if (found && portalIdOf(found) === undefined) await erase('snapshot', found);
    },
    /** Does something to a thing. */
    act: (kind: StoredKind, { id }: Pick<Stored, 'id'>, body: object, project?: string) =>
      ask('POST', `${PATHS[kind]}/${encodeURIComponent(id)}/action`, { body, project }),
  };
};
