import {
  BASIC_ACTIONS,
  CREATE_FIELDS,
  DriverError,
  type Capabilities,
  type ComputeDriver,
  type DriverAction,
} from '../driver.js';
import type { StoredRef } from '../driver-volumes.js';
import { createAttachments } from './openstack-attachments.js';
import { createCatalogReader } from './openstack-catalog.js';
import { createCinder } from './openstack-cinder.js';
import { createCounterCalls } from './openstack-counters.js';
import { createCreator } from './openstack-create.js';
import { createExtraCalls } from './openstack-extras.js';
import { createSecurityGroups } from './openstack-groups.js';
import { createImageCalls, createStoredImages } from './openstack-images.js';
import { createNetworks } from './openstack-networks.js';
import { createNeutron } from './openstack-neutron.js';
import { createPorts } from './openstack-ports.js';
import type { OpenstackSecrets, OpenstackSettings } from './openstack-settings.js';
import { createLister } from './openstack-list.js';
import { createActor, createPowerCalls, createRemover, lastLines } from './openstack-power.js';
import { createProjects } from './openstack-projects.js';
import { createServers, portalIdOf, viewOf } from './openstack-servers.js';
import { createSession } from './openstack-session.js';
import { createVolumes } from './openstack-volumes.js';
import { createWire } from './openstack-wire.js';

const ACTIONS = new Set<DriverAction>([
  ...BASIC_ACTIONS,
  'resize',
  'rescue',
  'boot_from_iso',
  'rebuild',
  'snapshot',
  'change_password',
  'migrate',
  'live_migrate',
  'shelve',
  'console',
  'rename',
  'counters',
  'attach_port',
]);
/** @param volumes whether the region says that its cloud has them */
export const capabilitiesOf = (volumes: boolean): Capabilities => ({
  actions: volumes ? new Set([...ACTIONS, 'attach_volume']) : ACTIONS,
  createFields: new Set(CREATE_FIELDS),
  offers: () => true,
});

/**
 * Machines of an OpenStack (contract compute §11.4). Nothing is remembered that the cloud would not tell again: tokens,
 * ids of projects, and where a list stands.
 */
export const createOpenstackDriver = ({
  settings,
  secrets,
}: {
  settings: OpenstackSettings;
  secrets: OpenstackSecrets;
}): ComputeDriver => {
  const wire = createWire({
    timeoutMs: settings.timeout_seconds * 1000,
    connections: settings.connections,
    verify: settings.verify,
    ca: settings.ca,
  });
  const session = createSession(wire, settings, secrets);
  const servers = createServers(session);
  const projects = createProjects(session, settings);
  const neutron = createNeutron(session);
  const groups = createSecurityGroups(neutron);
  const ports = createPorts(session, neutron, groups, { servers, projects });
  const act = createActor(servers);
  const remove = createRemover(session, servers);
  const shared = settings.projects === 'shared';
  const images = createStoredImages(session);
  const cinder = settings.volumes ? createCinder(session) : undefined;
  const attachments = cinder && createAttachments(session, servers, cinder);
  const dropSnapshot = cinder && ((id: string) => cinder.dropSnapshot(id));
  const volumeId = async (volume: StoredRef): Promise<string> => {
    if (!cinder) throw new DriverError('UNSUPPORTED', 'The driver of the region has no volumes.');
    return (await cinder.demand('volume', volume)).id;
  };
  return {
    kind: 'openstack',
    capabilities: capabilitiesOf(settings.volumes),
    health: async () => {
      try {
        await session.call({ service: 'compute', method: 'GET', path: '/flavors', query: { limit: 1 } });
        return { ok: true };
      } catch (err) {
        return { ok: false, detail: (err as Error).message };
      }
    },
    // The scheduler alone knows.
    capacity: () => Promise.resolve(null),
    create: createCreator(session, servers, projects, { networksOf: ports.networksOf, remove, volumeId }),
    get: async (ref) => {
      const server = await servers.find(ref);
      if (!server) return null;
      const view = viewOf(server, ref.portalId);
      return attachments ? { ...view, volumes: await attachments.volumesOf(server) } : view;
    },
    list: createLister(session, remove),
    destroy: async ({ portalId, backendId }) => {
      const all = await servers.tagged(portalId);
      const known = backendId === null ? undefined : await servers.byId(backendId);
      const also = known && portalIdOf(known) === portalId && !all.some(({ id }) => id === known.id) ? [known] : [];
      for (const one of [...all, ...also]) if (one.status !== 'DELETED') await remove(one);
      await ports.dropOfMachine(portalId);
    },
    consoleLog: async (ref, lines) => {
      const { id } = await servers.demand(ref);
      const body = await servers.action(id, { 'os-getConsoleOutput': { length: lines } });
      return lastLines((body as { output?: string | null }).output ?? '', lines);
    },
    ...createPowerCalls(session, servers, act),
    ...createExtraCalls(session, servers, act, shared),
    ...createImageCalls(images, servers, { shared, ...(dropSnapshot && { dropSnapshot }) }),
    ...createCounterCalls(session, servers),
    ...ports.calls,
    ...attachments?.calls,
    ...(cinder && { volumes: createVolumes(cinder, projects, images, { shared, backups: settings.volume_backups }) }),
    networks: createNetworks(neutron, groups, ports, { servers, projects }),
    readCatalog: createCatalogReader(session),
    close: () => {
      wire.close();
      return Promise.resolve();
    },
  };
};
