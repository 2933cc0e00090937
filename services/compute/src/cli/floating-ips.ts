import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import type { ComputeRequest } from '../ctx.js';
import { associationOf, floatingInput } from '../networking/api/bodies.js';
import { floatingIpView } from '../networking/api/views.js';
import {
  associate,
  createFloatingIp,
  dissociate,
  getFloatingIp,
  listFloatingIps,
  removeFloatingIp,
  type ShownFloatingIp,
} from '../networking/domain/floating-ips.js';
import type { MakeAction } from './action.js';
import { floatingIpNamed, instanceNamed, networkNamed, portNamed } from './names.js';
import { addThing } from './things.js';
import { bodyOf } from './values.js';

const at = compute.staffNetworking.floatingIps;
interface Options {
  network?: string;
  client?: string;
  port?: string;
  instance?: string;
  fixedIp?: string;
}
const add = async (ctx: ComputeRequest, { network = '', client, port, fixedIp }: Options): Promise<ShownFloatingIp> => {
  const body = bodyOf(at.create.body, {
    client,
    floating_network_id: await networkNamed(ctx, network),
    port_id: port && (await portNamed(ctx, port)),
    fixed_ip_address: fixedIp,
  });
  return createFloatingIp(ctx, floatingInput(body), { client: body.client });
};
const attach = async (ctx: ComputeRequest, id: string, { port, instance, fixedIp }: Options) => {
  const body = bodyOf(at.associate.body, {
    port: port && (await portNamed(ctx, port)),
    instance: instance && (await instanceNamed(ctx, instance)),
    fixed_ip: fixedIp,
  });
  return associate(ctx, id, associationOf(body));
};
const FIXED: [string, string] = ['--fixed-ip <address>', 'to this address of the port; else to its first one'];
export const addFloatingIpCommands = (root: Command, action: MakeAction): void => {
  const { command, onOne, shown } = addThing<ShownFloatingIp, Options>(root, action, {
    name: 'floatingip',
    what: 'floating IPs',
    known: 'address or id',
    list: listFloatingIps,
    get: getFloatingIp,
    remove: removeFloatingIp,
    find: floatingIpNamed,
    view: floatingIpView,
    columns: ['id', 'floating_ip_address', 'fixed_ip_address', 'instance', 'status', 'client', 'region'],
  });
  command
    .command('add')
    .requiredOption('--network <network>', 'name or id of an external network')
    .requiredOption('--client <id>')
    .option('--port <port>', 'name or id of the port that it leads to')
    .option(...FIXED)
    .action(action(async (ctx: ComputeRequest, o: Options) => shown(await add(ctx, o), ctx)));
  onOne('attach', 'it leads to a port or an instance', attach)
    .option('--port <port>', 'name or id')
    .option('--instance <instance>', 'name or id')
    .option(...FIXED);
  onOne('detach', 'it leads nowhere', dissociate);
};
