import { DriverError } from '../driver.js';
import type { NetRef, NetworkKind } from '../driver-networks.js';
import { hasCode, unlessMissing } from './openstack-errors.js';
import { portalIdIn, tagOf } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

// Neutron's things, known by the portal's id: it is their description from the moment on in which they are made, since
// tags can be given to them only afterwards.

const NAMES: Readonly<Record<NetworkKind, { path: string; one: string; many: string }>> = {
  network: { path: '/networks', one: 'network', many: 'networks' },
  subnet: { path: '/subnets', one: 'subnet', many: 'subnets' },
  router: { path: '/routers', one: 'router', many: 'routers' },
  port: { path: '/ports', one: 'port', many: 'ports' },
  floating_ip: { path: '/floatingips', one: 'floatingip', many: 'floatingips' },
  security_group: { path: '/security-groups', one: 'security_group', many: 'security_groups' },
};
export interface Thing {
  id: string;
  name?: string;
  description?: string;
  created_at?: string;
}
type Query = Readonly<Record<string, string | number>>;
const PAGE = 500;
export const isMarked = ({ description = '' }: Thing, portalId: string): boolean => description === tagOf(portalId);
const portalIdOf = ({ description }: Thing): string | undefined => portalIdIn(description);
/** Of several with one id, all agree which one stays. */
const firstMade = (a: Thing, b: Thing): number => {
  const [one, other] = [`${a.created_at ?? ''} ${a.id}`, `${b.created_at ?? ''} ${b.id}`];
  return one < other ? -1 : one > other ? 1 : 0;
};
/** Those of the wanted fields that are otherwise. */
export const differing = (found: object, wanted: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => JSON.stringify((found as Record<string, unknown>)[name]) !== JSON.stringify(value),
    ),
  );

export type Neutron = ReturnType<typeof createNeutron>;
/** Finds, makes, changes and deletes things of the network, each once for its id of the portal. */
export const createNeutron = ({ call }: Session) => {
  /** Things that are looked for and made at the moment: of two at once, the second would be of the same second. */
  const making = new Map<string, Promise<Thing>>();
  /** All that fit, page by page. */
  const all = async <T extends Thing>(path: string, key: string, query: Query): Promise<T[]> => {
    const items: T[] = [];
    for (let marker: string | undefined; ;) {
      const { body } = await call<Record<string, T[] | undefined>>({
        service: 'network',
        method: 'GET',
        path,
        query: { sort_key: 'id', sort_dir: 'asc', ...query, limit: PAGE, ...(marker !== undefined && { marker }) },
      });
      const page = body[key] ?? [];
      items.push(...page);
      if (page.length < PAGE) return items;
      marker = page.at(-1)?.id;
    }
  };
  const listed = <T extends Thing>(kind: NetworkKind, query: Query): Promise<T[]> =>
    all<T>(NAMES[kind].path, NAMES[kind].many, query);
  /** Those that bear the id, the one that stays first. */
  const marked = async <T extends Thing>(kind: NetworkKind, portalId: string): Promise<T[]> =>
    (await listed<T>(kind, { description: tagOf(portalId) })).sort(firstMade);
  const pathOf = (kind: NetworkKind, id: string): string => `${NAMES[kind].path}/${encodeURIComponent(id)}`;
  const byId = async <T extends Thing>(kind: NetworkKind, id: string): Promise<T | undefined> =>
    (await unlessMissing(call<Record<string, T>>({ service: 'network', method: 'GET', path: pathOf(kind, id) })))?.body[
      NAMES[kind].one
    ];
  const find = async <T extends Thing>(kind: NetworkKind, { portalId, backendId }: NetRef): Promise<T | undefined> => {
    const known = backendId === null ? undefined : await byId<T>(kind, backendId);
    if (known && isMarked(known, portalId)) return known;
    return (await marked<T>(kind, portalId))[0];
  };
  const erase = (kind: NetworkKind, id: string): Promise<unknown> =>
    unlessMissing(call({ service: 'network', method: 'DELETE', path: pathOf(kind, id) }));
  const change = async <T extends Thing>(kind: NetworkKind, id: string, fields: object): Promise<T> => {
    const { one } = NAMES[kind];
    const body = { [one]: fields };
    return (await call<Record<string, T>>({ service: 'network', method: 'PUT', path: pathOf(kind, id), body })).body[
      one
    ] as T;
  };
  /** Makes one; when another process made it at the same time, the first one stays. */
  const make = async <T extends Thing>(kind: NetworkKind, portalId: string, fields: object): Promise<T> => {
    const { path, one } = NAMES[kind];
    const body = { [one]: { ...fields, description: tagOf(portalId) } };
    let refused = new DriverError('CONFLICT', `The ${kind.replace('_', ' ')} is gone again.`);
    try {
      await call({ service: 'network', method: 'POST', path, body });
    } catch (err) {
      // Such as a subnet that overlaps with the one that is there already.
      if (!hasCode(err, 'CONFLICT') && !hasCode(err, 'INVALID_REQUEST')) throw err;
      refused = err as DriverError;
    }
    const [first, ...surplus] = await marked<T>(kind, portalId);
    if (!first) throw refused;
    for (const { id } of surplus) await erase(kind, id);
    return first;
  };
  return {
    all,
    listed,
    marked,
    find,
    erase,
    change,
    exists: async (kind: NetworkKind, id: string): Promise<boolean> => (await byId(kind, id)) !== undefined,
    /** The cloud's id of what something refers to. @throws DriverError NOT_FOUND */
    idOf: async (kind: NetworkKind, { portalId, backendId }: NetRef): Promise<string> => {
      const id = backendId ?? (await marked(kind, portalId))[0]?.id;
      if (id === undefined) throw new DriverError('NOT_FOUND', `The ${kind.replace('_', ' ')} does not exist.`);
      return id;
    },
    /**
     * @param fields of a new one @param changes fields that the one that is there has otherwise
     * @returns as it is then
     */
    ensure: async <T extends Thing>(
      kind: NetworkKind,
      ref: NetRef,
      fields: () => Promise<object>,
      changes: (found: T) => object,
    ): Promise<T> => {
      const key = `${kind}:${ref.portalId}`;
      const findOrMake = async (): Promise<T> =>
        (await find<T>(kind, ref)) ?? make<T>(kind, ref.portalId, await fields());
      const one = making.get(key) ?? findOrMake().finally(() => making.delete(key));
      making.set(key, one);
      const found = (await one) as T;
      const wanted = changes(found);
      return Object.keys(wanted).length ? change<T>(kind, found.id, wanted) : found;
    },
    /** Ids of the portal that things of the kind bear, with the cloud's own, in their order. */
    bearers: async (kind: NetworkKind): Promise<NetRef[]> => {
      const things = (await all(NAMES[kind].path, NAMES[kind].many, {})).sort(firstMade);
      const refs = new Map<string, NetRef>();
      for (const one of things) {
        const portalId = portalIdOf(one);
        if (portalId !== undefined && !refs.has(portalId)) refs.set(portalId, { portalId, backendId: one.id });
      }
      return [...refs.values()].sort((a, b) => (a.portalId < b.portalId ? -1 : 1));
    },
    call: <T>(method: 'GET' | 'POST' | 'PUT' | 'DELETE', path: string, body?: object) =>
      call<T>({ service: 'network', method, path, ...(body && { body }) }),
  };
};
