import { facadeCompute } from '@nefos/contracts';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { faceFault } from '../../facade/api/refused.js';
import * as interfaces from '../../instances/domain/interfaces.js';
import { listPortsOfInstance } from '../../networking/domain/of-instance.js';
import { findFloatingIpAt, findGroupsNamed } from '../store/named.js';
import { action } from './action.js';
import { getServer, onServer } from './in-nova.js';

const { serverActionBodies: bodies } = facadeCompute;
/** Nova has left these to the network's own API. */
const OLD = { until: 44 };

/** The security group of the server's project with this name or id. @throws Fault not_found, conflict */
const groupNamed = async (ctx: ComputeRequest, id: string, name: string): Promise<string> => {
  const { projectId } = await getServer(ctx, id);
  const [found, another] = await findGroupsNamed(dbOf(ctx), id, name);
  if (found === undefined) throw faceFault('not_found', `Security group ${name} not found for project ${projectId}.`);
  if (another !== undefined && found !== name)
    throw faceFault('conflict', `Multiple security groups found matching '${name}'. Use an ID to be more specific.`);
  return found;
};
/** @throws Fault not_found */
const floatingAt = async (ctx: ComputeRequest, id: string, address: string): Promise<string> => {
  await getServer(ctx, id);
  const found = await findFloatingIpAt(dbOf(ctx), id, address);
  if (found === undefined) throw faceFault('not_found', 'floating IP not found');
  return found;
};

/** Security groups and addresses of a server. */
export const networkActions = [
  action('addSecurityGroup', bodies.securityGroup, async (ctx, id, { name }) => {
    const group = await groupNamed(ctx, id, name);
    await onServer(id, () => interfaces.addGroup(ctx, id, group));
  }),
  action('removeSecurityGroup', bodies.securityGroup, async (ctx, id, { name }) => {
    const group = await groupNamed(ctx, id, name);
    await onServer(id, () => interfaces.removeGroup(ctx, id, group), {
      codes: {
        'group.not_associated': faceFault(
          'not_found',
          `Security group ${name} is not associated with the instance ${id}`,
        ),
      },
    });
  }),
  action(
    'addFloatingIp',
    bodies.floatingIp,
    async (ctx, id, { address, fixed_address: fixedIp = null }) => {
      const floatingIp = await floatingAt(ctx, id, address);
      await onServer(id, () => interfaces.addFloatingIp(ctx, id, { floatingIp, network: null, fixedIp }));
    },
    OLD,
  ),
  action(
    'removeFloatingIp',
    bodies.address,
    async (ctx, id, { address }) => {
      const floatingIp = await floatingAt(ctx, id, address);
      await onServer(id, () => interfaces.removeFloatingIp(ctx, id, floatingIp), {
        codes: {
          'floating.not_of_instance': faceFault(
            'conflict',
            `Floating IP ${address} is not associated with instance ${id}.`,
          ),
        },
      });
    },
    OLD,
  ),
  action(
    'addFixedIp',
    bodies.fixedIp,
    async (ctx, id, { networkId }) => {
      await getServer(ctx, id);
      const port = (await listPortsOfInstance(dbOf(ctx), id)).find((one) => one.networkId === networkId);
      if (!port) throw faceFault('invalid', `The instance has no interface on network ${networkId}.`);
      await onServer(id, () => interfaces.addIp(ctx, id, { port: port.id, subnet: null, fixedIp: null }));
    },
    OLD,
  ),
  action(
    'removeFixedIp',
    bodies.address,
    async (ctx, id, { address }) => {
      await onServer(id, () => interfaces.removeIp(ctx, id, address), {
        codes: { 'address.not_attached': faceFault('invalid', `Fixed IP ${address} has no associated network.`) },
      });
    },
    OLD,
  ),
];
