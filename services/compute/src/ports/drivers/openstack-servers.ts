import {
  DriverError,
  type Address,
  type InstanceView,
  type MachineMode,
  type PowerState,
  type Ref,
} from '../driver.js';
import { unlessMissing } from './openstack-errors.js';
import type { Session } from './openstack-session.js';

/** A server as Nova shows it to an administrator. */
export interface Server {
  id: string;
  name: string;
  status: string;
  tenant_id: string;
  created: string;
  updated: string;
  tags?: string[];
  metadata?: Record<string, string>;
  addresses?: Record<
    string,
    { addr: string; version: 4 | 6; 'OS-EXT-IPS:type'?: string; 'OS-EXT-IPS-MAC:mac_addr'?: string }[]
  >;
  /** From microversion 2.47 on. */
  flavor?: { vcpus?: number; ram?: number };
  'os-extended-volumes:volumes_attached'?: { id: string }[];
  fault?: { code: number; message: string };
  'OS-EXT-STS:vm_state': string;
  'OS-EXT-STS:task_state': string | null;
  'OS-EXT-STS:power_state': number;
  'OS-EXT-SRV-ATTR:host'?: string | null;
}
const TAG = 'pcp-';
export const tagOf = (portalId: string): string => `${TAG}${portalId}`;
const MARKED = /^pcp-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
/** The portal's id in what a thing of the cloud is marked with; undefined: others have written that. */
export const portalIdIn = (text: string | null | undefined): string | undefined => MARKED.exec(text ?? '')?.[1];
/** Id of the instance that the server is; undefined: it is none of the portal's. */
export const portalIdOf = ({ tags = [] }: Server): string | undefined =>
  tags.map(portalIdIn).find((id) => id !== undefined);

export const vmStateOf = (server: Server): string => server['OS-EXT-STS:vm_state'];
export const taskOf = (server: Server): string | null => server['OS-EXT-STS:task_state'];
/** Nova shows deleted servers for a moment; soft-deleted ones may stay for days. */
const isGone = ({ status }: Server): boolean => status === 'DELETED' || status === 'SOFT_DELETED';
const STUCK_MS = 60_000;
/** A deletion that failed: Nova has given up, and leaves its mark. */
export const isStuck = (server: Server): boolean =>
  server.status === 'ERROR' && taskOf(server) === 'deleting' && Date.now() - Date.parse(server.updated) > STUCK_MS;

/** It will be gone in a moment, without being asked again. */
export const isLeaving = (server: Server): boolean =>
  server.status === 'DELETED' || (taskOf(server) === 'deleting' && !isStuck(server));

const POWER_STATES = new Set<number>([0, 1, 3, 4, 6, 7]);
/** Power states that follow from the state; in the others the hypervisor's own word counts. */
const POWER_OF: Readonly<Record<string, PowerState>> = {
  building: 0,
  paused: 3,
  stopped: 4,
  suspended: 7,
  // Nova says so when it has booted the rescue system; the power state may still be that of the switch-off before.
  rescued: 1,
  shelved: 4,
  shelved_offloaded: 4,
};
const MODE_OF: Readonly<Record<string, MachineMode>> = {
  resized: 'resized',
  rescued: 'rescued',
  shelved: 'shelved',
  shelved_offloaded: 'shelved',
};
export const powerOf = (server: Server): PowerState => {
  const told = server['OS-EXT-STS:power_state'];
  return POWER_OF[vmStateOf(server)] ?? (POWER_STATES.has(told) ? (told as PowerState) : 0);
};
/** A build passes through moments without a task; a stuck deletion is no task that goes on. */
const hintOf = (server: Server): string | undefined => {
  if (isStuck(server)) return undefined;
  return taskOf(server) ?? (server.status === 'BUILD' ? 'building' : undefined);
};
const faultOf = ({ fault }: Server): { code: string; message: string } => {
  const message = fault?.message ?? 'The machine is in state ERROR.';
  const code = /no valid host/i.test(message) ? 'NO_CAPACITY' : /quota/i.test(message) ? 'QUOTA' : 'INTERNAL';
  return { code, message: message.slice(0, 500) };
};
const addressesOf = ({ addresses = {} }: Server): Address[] =>
  Object.entries(addresses).flatMap(([network, list]) =>
    list.map((one) => ({
      network,
      version: one.version,
      addr: one.addr,
      mac: one['OS-EXT-IPS-MAC:mac_addr'] ?? '',
      type: one['OS-EXT-IPS:type'] === 'floating' ? ('floating' as const) : ('fixed' as const),
    })),
  );

export const viewOf = (server: Server, portalId: string): InstanceView => {
  const hint = hintOf(server);
  const mode = MODE_OF[vmStateOf(server)];
  const host = server['OS-EXT-SRV-ATTR:host'];
  return {
    ref: { portalId, backendId: server.id },
    powerState: powerOf(server),
    backendStatus: server.status,
    name: server.name,
    addresses: addressesOf(server),
    ...(hint !== undefined && { taskHint: hint }),
    ...(mode !== undefined && { mode }),
    // Shelved, it may be on its way from there.
    ...(host && mode !== 'shelved' && { host }),
    // While something goes on, an earlier fault says nothing of how it ends.
    ...(vmStateOf(server) === 'error' && hint === undefined && { fault: faultOf(server) }),
  };
};

/** The first that was made: of several with one tag, all agree which one stays. */
const firstMade = (a: Server, b: Server): number =>
  a.created === b.created ? (a.id < b.id ? -1 : 1) : a.created < b.created ? -1 : 1;

export interface Servers {
  /** Those with the instance's tag, the one that stays first. */
  tagged(portalId: string): Promise<Server[]>;
  /** Undefined: there is none, or it is gone. */
  find(ref: Ref): Promise<Server | undefined>;
  /** @throws DriverError NOT_FOUND */
  demand(ref: Ref): Promise<Server>;
  byId(id: string): Promise<Server | undefined>;
  action(id: string, body: object, project?: string): Promise<unknown>;
}
export const missing = (): DriverError => new DriverError('NOT_FOUND', 'The machine does not exist.');

/** Servers of all projects, as the administrator sees them. */
export const createServers = ({ call }: Session): Servers => {
  const byId = async (id: string): Promise<Server | undefined> => {
    const path = `/servers/${encodeURIComponent(id)}`;
    return (await unlessMissing(call<{ server: Server }>({ service: 'compute', method: 'GET', path })))?.body.server;
  };
  const tagged = async (portalId: string): Promise<Server[]> => {
    const query = { all_tenants: 1, tags: tagOf(portalId) };
    const { body } = await call<{ servers: Server[] }>({
      service: 'compute',
      method: 'GET',
      path: '/servers/detail',
      query,
    });
    return body.servers.filter((one) => !isGone(one)).sort(firstMade);
  };
  const find = async ({ portalId, backendId }: Ref): Promise<Server | undefined> => {
    const known = backendId === null ? undefined : await byId(backendId);
    // The id that is known may be of one that went for another of the same instance.
    if (known && !isGone(known) && portalIdOf(known) === portalId) return known;
    return (await tagged(portalId))[0];
  };
  return {
    byId,
    tagged,
    find,
    demand: async (ref) => {
      const found = await find(ref);
      if (!found) throw missing();
      return found;
    },
    action: async (id, body, project) =>
      (
        await call({
          service: 'compute',
          method: 'POST',
          path: `/servers/${encodeURIComponent(id)}/action`,
          body,
          ...(project !== undefined && { project }),
        })
      ).body,
  };
};
