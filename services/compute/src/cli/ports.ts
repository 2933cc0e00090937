import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import type { ComputeRequest } from '../ctx.js';
import { portChanges, portInput } from '../networking/api/bodies.js';
import { portView } from '../networking/api/views.js';
import { changePort, createPort, getPort, listPorts, removePort, type ShownPort } from '../networking/domain/ports.js';
import type { MakeAction } from './action.js';
import { networkNamed, portNamed, securityGroupNamed, subnetNamed } from './names.js';
import { addThing } from './things.js';
import { bodyOf, collect } from './values.js';

const { create, patch } = compute.staffNetworking.ports;
interface Options {
  name?: string;
  network?: string;
  client?: string;
  ip?: string[];
  subnet?: string[];
  group?: string[];
}
/** Addresses that are named, and subnets to take one of. */
const addressesOf = async (ctx: ComputeRequest, { ip = [], subnet = [] }: Options) =>
  ip.length || subnet.length
    ? [
        ...ip.map((address) => ({ ip_address: address })),
        ...(await Promise.all(subnet.map(async (word) => ({ subnet_id: await subnetNamed(ctx, word) })))),
      ]
    : undefined;
const fields = async (ctx: ComputeRequest, o: Options) => ({
  name: o.name,
  fixed_ips: await addressesOf(ctx, o),
  security_groups: o.group && (await Promise.all(o.group.map((word) => securityGroupNamed(ctx, word)))),
});
const add = async (ctx: ComputeRequest, { network = '', client, ...o }: Options): Promise<ShownPort> => {
  const given = { ...(await fields(ctx, o)), network_id: await networkNamed(ctx, network), client };
  const body = bodyOf(create.body, given);
  return createPort(ctx, portInput(body), { client: body.client });
};
const withOptions = (command: Command): Command =>
  command
    .option('--name <name>')
    .option('--ip <address>', 'an address that it has; may be given again', collect)
    .option('--subnet <subnet>', 'name or id: it has an address of this subnet; may be given again', collect)
    .option('--group <group>', 'name or id of a security group; may be given again; none: none at all', collect);
export const addPortCommands = (root: Command, action: MakeAction): void => {
  const { command, onOne, shown } = addThing<ShownPort, Options>(root, action, {
    name: 'port',
    what: 'ports: interfaces of instances, and addresses kept for them,',
    known: 'name or id',
    list: listPorts,
    get: getPort,
    remove: removePort,
    find: portNamed,
    view: (one, viewer) => ({
      ...portView(one, viewer),
      fixed_ips: one.addresses.map(({ address }) => address).join(' '),
    }),
    columns: ['id', 'name', 'network_id', 'fixed_ips', 'mac_address', 'device_id', 'status', 'client', 'region'],
  });
  withOptions(
    command.command('add').requiredOption('--network <network>', 'name or id').requiredOption('--client <id>'),
  ).action(action(async (ctx: ComputeRequest, o: Options) => shown(await add(ctx, o), ctx)));
  withOptions(
    onOne('set', 'its addresses only while no instance has it', async (ctx, id, o) =>
      changePort(ctx, id, portChanges(bodyOf(patch.body, await fields(ctx, o)))),
    ),
  );
};
