import { invalid, notFound, type Tx } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { takeNewAddress } from '../../networking/domain/add-address.js';
import { can } from '../../networking/domain/capabilities.js';
import { leadTo, portOfInstance, takeFloatingIp } from '../../networking/domain/floating-ips.js';
import { leadNowhere } from '../../networking/domain/leading.js';
import { groupsFor, makePort, placeNics, type Nic } from '../../networking/domain/machine-ports.js';
import { usableNetwork } from '../../networking/domain/networks-of.js';
import * as net from '../../networking/domain/of-instance.js';
import { touch } from '../../networking/domain/touch.js';
import { reserveQuota } from '../../projects/domain/reserve-quota.js';
import { invalidValue, refusal, unknownKey } from '../../refusals.js';
import { acceptInterface } from './accept-interface.js';

// What users change of an instance's network (contract compute §6.5). A new interface is given to the machine by a job
// of the instance; all else is written at once, and jobs of the ports and floating IPs bring it to the region.

const ADD = 'instances.add_floating_ip';
const REMOVE = 'instances.remove_floating_ip';
const MAX_PORTS = 16;
const MAX_GROUPS = 16;

/**
 * Gives an instance one more interface.
 * @throws Fault as `acceptInterface`; invalid, forbidden/create.quota, conflict/instance.ports
 */
export const requestPort = async (
  ctx: ComputeRequest,
  id: string,
  nic: Nic,
): Promise<{ operationId: string; portId: string }> => {
  let portId = '';
  const operationId = await acceptInterface(
    ctx,
    id,
    {
      segment: 'add_port',
      permission: ADD,
      action: 'addPort',
      byJob: true,
      can: (region) => ctx.drivers.of(region).capabilities.actions.has('attach_port'),
    },
    async (tx, { projectId, regionId }) => {
      if (nic.network === null && nic.port === null) throw invalidValue(['network'], 'port.one_of');
      if ((nic.port !== null || nic.fixedIp !== null) && !can(ctx, regionId, 'port'))
        throw invalidValue([nic.port === null ? 'fixed_ip' : 'port'], 'guest.unsupported');
      const [placed] = await placeNics(tx, [nic], projectId, (_i, field) => [field]);
      if (!placed) throw notFound();
      const path = ['network'];
      const network = nic.port === null ? await usableNetwork(tx, placed.network, { projectId, path }) : null;
      if (network && network.regionId !== regionId) throw invalid([unknownKey(path, network.id)]);
      if ((await net.lockPortsOfInstance(tx, id)).length >= MAX_PORTS)
        throw refusal('conflict', 'instance.ports', { max: MAX_PORTS });
      const position = await net.nextPosition(tx, id);
      if (placed.port === null) {
        await reserveQuota(tx, projectId, { port: 1 });
        const groups = await groupsFor(ctx, tx, { projectId, regionId, names: [] });
        const made = { instanceId: id, projectId, regionId, groups, change: 'attaching' as const };
        portId = await makePort(ctx, tx, { nic: placed, position }, made, (field) => [field ?? 'network']);
        await net.recordPort(tx, portId, 'created');
      } else {
        portId = placed.port;
        const port = await net.findPort(tx, portId);
        if (port?.regionId !== regionId) throw invalid([unknownKey(['port'], portId)]);
        await net.updatePort(tx, portId, { instanceId: id, position, change: 'attaching' });
        await net.recordPort(tx, portId, 'state');
      }
      return { port: portId, network: placed.network };
    },
  );
  return { operationId, portId };
};
/** A port of the instance that nothing is done to, by its id. @throws Fault invalid, conflict/port.busy */
const demandPort = async (tx: Tx, instanceId: string, portId: string): Promise<net.ShownPort> => {
  const port = (await net.lockPortsOfInstance(tx, instanceId)).find((one) => one.id === portId);
  if (!port) throw invalid([unknownKey(['port'], portId)]);
  if (port.change !== null) throw refusal('conflict', 'port.busy');
  return port;
};
/** Takes an interface away. @throws Fault as `acceptInterface`; invalid, conflict/port.busy */
export const requestPortRemoval = (ctx: ComputeRequest, id: string, portId: string): Promise<string> =>
  acceptInterface(
    ctx,
    id,
    {
      segment: 'remove_port',
      permission: REMOVE,
      action: 'removePort',
      byJob: true,
      can: (region) => ctx.drivers.of(region).capabilities.actions.has('attach_port'),
    },
    async (tx) => {
      await demandPort(tx, id, portId);
      await net.updatePort(tx, portId, { change: 'detaching' });
      await net.recordPort(tx, portId, 'state');
      return { port: portId };
    },
  );
const hasPorts =
  (ctx: ComputeRequest) =>
  (region: string): boolean =>
    can(ctx, region, 'port');
/** The port has other addresses now: the instance shows them, and the region is told. */
const changed = async (ctx: ComputeRequest, tx: Tx, instanceId: string, port: net.Port): Promise<void> => {
  await net.refreshAddresses(tx, instanceId);
  await touch(ctx, tx, 'port', port);
};
/**
 * Gives an interface one more address.
 * @throws Fault as `acceptInterface`; invalid, conflict/port.busy, conflict/address.too_many
 */
export const addIp = (
  ctx: ComputeRequest,
  id: string,
  { port: portId, subnet, fixedIp }: { port: string; subnet: string | null; fixedIp: string | null },
): Promise<string> =>
  acceptInterface(ctx, id, { segment: 'add_ip', permission: ADD, action: 'addIp', can: hasPorts(ctx) }, async (tx) => {
    const port = await demandPort(tx, id, portId);
    const ip = await takeNewAddress(tx, port, { subnet, fixedIp });
    await changed(ctx, tx, id, port);
    return { port: portId, ip };
  });
/** Takes an address from the interface that has it. @throws Fault as `acceptInterface`; invalid, conflict/port.busy */
export const removeIp = (ctx: ComputeRequest, id: string, ip: string): Promise<string> =>
  acceptInterface(
    ctx,
    id,
    { segment: 'remove_ip', permission: REMOVE, action: 'removeIp', can: hasPorts(ctx) },
    async (tx) => {
      const ports = await net.lockPortsOfInstance(tx, id);
      const port = ports.find(({ addresses }) => addresses.some(({ address }) => address === ip));
      if (!port) throw invalidValue(['ip'], 'address.not_attached');
      if (port.change !== null) throw refusal('conflict', 'port.busy');
      // A port without addresses is one whose addresses the driver is to choose.
      if (port.addresses.length === 1) throw invalidValue(['ip'], 'address.last');
      await leadNowhere(ctx, tx, await net.lockLeadingTo(tx, [port.id], ip));
      await net.dropAddress(tx, port.id, ip);
      await changed(ctx, tx, id, port);
      return { port: port.id, ip };
    },
  );

/**
 * Has a floating IP lead to the instance: the one that is named, or a new one.
 * @throws Fault as `acceptInterface`; invalid, forbidden/create.quota, conflict/floating.no_port,
 * conflict/floating.taken
 */
export const addFloatingIp = (
  ctx: ComputeRequest,
  id: string,
  { floatingIp, network, fixedIp }: { floatingIp: string | null; network: string | null; fixedIp: string | null },
): Promise<string> =>
  acceptInterface(
    ctx,
    id,
    {
      segment: 'add_floating_ip',
      permission: ADD,
      action: 'addFloatingIp',
      can: (region) => can(ctx, region, 'floating_ip'),
    },
    async (tx, { projectId, regionId, clientId }) => {
      if ((floatingIp === null) === (network === null)) throw invalid([{ path: ['floating_ip'], rule: 'required' }]);
      const known = floatingIp === null ? undefined : await net.lockFloatingIp(tx, floatingIp);
      if (floatingIp !== null && (known?.projectId !== projectId || known.regionId !== regionId))
        throw invalid([unknownKey(['floating_ip'], floatingIp)]);
      const ports = await net.lockPortsOfInstance(tx, id);
      const port =
        fixedIp === null
          ? await portOfInstance(tx, id, projectId)
          : ports.find(({ addresses }) => addresses.some(({ address }) => address === fixedIp))?.id;
      if (port === undefined && fixedIp !== null) throw invalidValue(['fixed_ip'], 'address.not_attached');
      if (port === undefined) throw refusal('conflict', 'floating.no_port');
      const path = ['network'];
      const whose = { clientId, projectId };
      const floating = known ?? (await takeFloatingIp(ctx, tx, { networkId: network as string, whose, path }));
      if (floating.regionId !== regionId) throw invalid([unknownKey(path, network as string)]);
      await leadTo(ctx, tx, floating, { port, fixedIp }, { port: ['floating_ip'], address: ['fixed_ip'] });
      return { floating_ip: floating.id, port };
    },
  );
/** The client keeps it. @throws Fault as `acceptInterface`; invalid */
export const removeFloatingIp = (ctx: ComputeRequest, id: string, floatingIp: string): Promise<string> =>
  acceptInterface(
    ctx,
    id,
    {
      segment: 'remove_floating_ip',
      permission: REMOVE,
      action: 'removeFloatingIp',
      can: (region) => can(ctx, region, 'floating_ip'),
    },
    async (tx, { projectId }) => {
      const floating = await net.lockFloatingIp(tx, floatingIp);
      if (floating?.projectId !== projectId) throw invalid([unknownKey(['floating_ip'], floatingIp)]);
      if ((await net.findFloatingIp(tx, floatingIp))?.instanceId !== id)
        throw invalidValue(['floating_ip'], 'floating.not_of_instance');
      await leadNowhere(ctx, tx, [floating]);
      return { floating_ip: floatingIp };
    },
  );

/** Gives all interfaces a security group; those that have it keep it. @throws Fault as `acceptInterface`; invalid */
export const addGroup = (ctx: ComputeRequest, id: string, group: string): Promise<string> =>
  acceptInterface(
    ctx,
    id,
    {
      segment: 'associate_security_group',
      permission: 'instances.associate_security_group',
      action: 'addGroup',
      can: (region) => can(ctx, region, 'security_group'),
    },
    async (tx, { projectId, regionId }) => {
      if (!(await net.shareLockGroups(tx, [group], { projectId, regionId })).length)
        throw invalid([unknownKey(['security_group'], group)]);
      for (const port of await net.lockPortsOfInstance(tx, id)) {
        if (port.securityGroups.includes(group)) continue;
        if (port.securityGroups.length >= MAX_GROUPS) throw refusal('conflict', 'group.too_many', { max: MAX_GROUPS });
        await net.addGroupTo(tx, port.id, group);
        await touch(ctx, tx, 'port', port);
      }
      return { security_group: group };
    },
  );
/** Takes a security group from all interfaces. @throws Fault as `acceptInterface`; invalid */
export const removeGroup = (ctx: ComputeRequest, id: string, group: string): Promise<string> =>
  acceptInterface(
    ctx,
    id,
    {
      segment: 'dissociate_security_group',
      permission: 'instances.dissociate_security_group',
      action: 'removeGroup',
      can: (region) => can(ctx, region, 'security_group'),
    },
    async (tx, { projectId, regionId }) => {
      if (!(await net.shareLockGroups(tx, [group], { projectId, regionId })).length)
        throw invalid([unknownKey(['security_group'], group)]);
      const having = (await net.lockPortsOfInstance(tx, id)).filter((port) => port.securityGroups.includes(group));
      if (!having.length) throw invalidValue(['security_group'], 'group.not_associated');
      for (const port of having) {
        await net.removeGroupFrom(tx, port.id, group);
        await touch(ctx, tx, 'port', port);
      }
      return { security_group: group };
    },
  );
