import { setTimeout as sleep } from 'node:timers/promises';
import { DriverError, type ComputeDriver, type NicSpec, type Ref } from '../driver.js';
import type { FixedIp, NetRef, PortSpec, PortView } from '../driver-networks.js';
import { unknownTo, unlessMissing } from './openstack-errors.js';
import type { createSecurityGroups } from './openstack-groups.js';
import { differing, type Neutron, type Thing } from './openstack-neutron.js';
import type { Projects } from './openstack-projects.js';
import { tagOf, type Servers } from './openstack-servers.js';
import type { Session } from './openstack-session.js';

export interface Port extends Thing {
  mac_address: string;
  device_id: string;
  security_groups: string[];
  fixed_ips: { subnet_id: string; ip_address: string }[];
}
/** A call may take 30 s. */
const DETACH_MS = 15_000;
/** A port that a machine brought with it has the machine's mark as its name, and goes with the machine. */
const isOfMachine = ({ name = '' }: Port): boolean => name.startsWith(tagOf(''));
const viewOf = ({ id, mac_address: mac, fixed_ips: ips }: Port): PortView => ({
  backendId: id,
  mac,
  fixedIps: ips.map(({ ip_address: address, subnet_id: subnet }) => ({ address, subnet: { backendId: subnet } })),
});
const sorted = <T>(list: readonly T[]): string => JSON.stringify(list.map((one) => JSON.stringify(one)).sort());

/** Ports: the clients' own, and those that a machine brings with it. */
export const createPorts = (
  session: Session,
  neutron: Neutron,
  groups: ReturnType<typeof createSecurityGroups>,
  { servers, projects }: { servers: Servers; projects: Projects },
) => {
  /** A port that Nova made for a machine, and that is to be known by the portal's id from now on. */
  const adopted = async ({ portalId, machine, mac }: PortSpec): Promise<Port | undefined> => {
    if (!machine || mac === null) return undefined;
    const server = await servers.find(machine);
    if (!server) return undefined;
    const found = await neutron.listed<Port>('port', { device_id: server.id, mac_address: mac });
    const [one] = found.filter(({ description }) => !description);
    return one && neutron.change<Port>('port', one.id, { description: tagOf(portalId) });
  };
  const ensure = async (spec: PortSpec): Promise<PortView> => {
    const { portalId, mac, name } = spec;
    const ipOf = async ({ subnet, address }: FixedIp) => ({
      subnet_id: await neutron.idOf('subnet', subnet),
      ip_address: address,
    });
    const groupOf = (group: NetRef): Promise<string> => neutron.idOf('security_group', group);
    const ips = spec.fixedIps && (await Promise.all(spec.fixedIps.map(ipOf)));
    const ids = spec.securityGroups && (await Promise.all(spec.securityGroups.map(groupOf)));
    const known = (await neutron.find<Port>('port', spec)) ?? (await adopted(spec));
    const port = await neutron.ensure<Port>(
      'port',
      { portalId, backendId: known?.id ?? spec.backendId },
      async () => ({
        ...(await projects.ownerOf(spec.projectId)),
        network_id: await neutron.idOf('network', spec.network),
        name,
        ...(mac !== null && { mac_address: mac }),
        ...(ips && { fixed_ips: ips }),
        ...(ids && { security_groups: ids }),
      }),
      (found) => ({
        ...(!isOfMachine(found) && differing(found, { name })),
        ...(ips && sorted(ips) !== sorted(found.fixed_ips) && { fixed_ips: ips }),
        ...(ids && sorted(ids) !== sorted(found.security_groups) && { security_groups: ids }),
      }),
    );
    return viewOf(port);
  };
  /** @throws DriverError CONFLICT: it is not there yet; or the catalog has it, and the cloud never will */
  const networkOf = async ({ networkId, networkBackendId = null }: NicSpec): Promise<string> => {
    const id = networkBackendId ?? (await neutron.marked('network', networkId))[0]?.id;
    if (id === undefined) throw new DriverError('CONFLICT', unknownTo('network').message);
    return id;
  };
  /** The port of an interface, made when it is not there. @param key what it is known by */
  const ofNic = async (machine: string, projectId: string, key: string, nic: NicSpec): Promise<string> => {
    const { mac, fixedIps = [], securityGroups = [], portBackendId = null } = nic;
    const port = await neutron.ensure<Port>(
      'port',
      { portalId: key, backendId: portBackendId },
      async () => ({
        ...(await projects.ownerOf(projectId)),
        network_id: await networkOf(nic),
        name: tagOf(machine),
        ...(mac !== undefined && { mac_address: mac }),
        ...(fixedIps.length && { fixed_ips: fixedIps.map((address) => ({ ip_address: address })) }),
        ...(securityGroups.length && { security_groups: await groups.idsOf(securityGroups) }),
      }),
      () => ({}),
    );
    return port.id;
  };
  const interfaces = (server: string): string => `/servers/${encodeURIComponent(server)}/os-interface`;
  /** The port of a machine by its id, else by its address. */
  const attached = async (server: string, ref: NetRef, mac: string): Promise<Port | undefined> => {
    const known = await neutron.find<Port>('port', ref);
    if (known) return known;
    return (await neutron.listed<Port>('port', { device_id: server, mac_address: mac }))[0];
  };
  /** Nova lets it go after its answer. @throws DriverError GUEST */
  const released = async (ref: Ref, port: string): Promise<void> => {
    for (const end = performance.now() + DETACH_MS; performance.now() < end; await sleep(300)) {
      const answer = await unlessMissing(neutron.call<{ port: Port }>('GET', `/ports/${port}`));
      if (!answer || answer.body.port.device_id === '' || !(await servers.find(ref))) return;
    }
    throw new DriverError('GUEST', 'The machine does not let the port go.');
  };
  return {
    ensure,
    /** The network or port of each interface, for a new machine. */
    networksOf: async (
      machine: string,
      projectId: string,
      nics: readonly NicSpec[],
    ): Promise<({ uuid: string } | { port: string })[]> => {
      const networks: ({ uuid: string } | { port: string })[] = [];
      for (const [i, nic] of nics.entries()) {
        const { portId, mac, fixedIps = [], securityGroups = [] } = nic;
        const own = portId !== undefined || mac !== undefined || fixedIps.length > 0 || securityGroups.length > 0;
        if (own) networks.push({ port: await ofNic(machine, projectId, portId ?? `${machine}-${i}`, nic) });
        else networks.push({ uuid: await networkOf(nic) });
      }
      return networks;
    },
    /** Deletes the ports that a machine brought with it. */
    dropOfMachine: async (machine: string): Promise<void> => {
      for (const { id } of await neutron.listed('port', { name: tagOf(machine) })) await neutron.erase('port', id);
    },
    calls: {
      attachPort: async (ref, nic) => {
        const server = await servers.demand(ref);
        const known = await neutron.find<Port>('port', { portalId: nic.portId, backendId: nic.portBackendId ?? null });
        if (known?.device_id === server.id) return;
        const projectId = server.metadata?.nefos_project ?? '';
        const port = known?.id ?? (await ofNic(ref.portalId, projectId, nic.portId, nic));
        const body = { interfaceAttachment: { port_id: port } };
        await session.call({ service: 'compute', method: 'POST', path: interfaces(server.id), body });
      },
      detachPort: async (ref, { portId, portBackendId, mac }) => {
        const server = await servers.find(ref);
        if (!server) return;
        const port = await attached(server.id, { portalId: portId, backendId: portBackendId }, mac);
        if (!port) return;
        if (port.device_id === server.id) {
          const path = `${interfaces(server.id)}/${port.id}`;
          await unlessMissing(session.call({ service: 'compute', method: 'DELETE', path }));
          await released(ref, port.id);
        }
        if (isOfMachine(port)) await neutron.erase('port', port.id);
      },
    } satisfies Partial<ComputeDriver>,
  };
};
