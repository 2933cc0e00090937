import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import { camelKeys } from '../camel-keys.js';
import { subnetView } from '../catalog/api/catalog.view.js';
import { getSubnet, listSubnets, type Subnet } from '../catalog/domain/catalog.js';
import { changeSubnet, createSubnet, removeSubnet } from '../catalog/domain/subnets.js';
import type { ComputeRequest } from '../ctx.js';
import { hooksOf } from '../networking/domain/own-networks.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import { networkNamed, subnetNamed } from './names.js';
import type { Row } from './output.js';
import { bodyOf, collect, orNone, pairOf, yesNo } from './values.js';

const { create, patch } = compute.staffCatalog.subnets;
interface Options {
  name?: string;
  network?: string;
  gateway?: string;
  dhcp?: boolean;
  dns?: string[];
  pool?: Record<string, string>[];
  route?: Record<string, string>[];
}
const fields = (o: Options): Row => ({
  name: o.name,
  gateway_ip: orNone(o.gateway),
  enable_dhcp: o.dhcp,
  dns_nameservers: o.dns,
  allocation_pools: o.pool,
  host_routes: o.route,
});
const shown = (subnet: Subnet): Row => {
  const { allocation_pools: pools, host_routes: routes, ...rest } = subnetView(subnet);
  return {
    ...rest,
    allocation_pools: pools.map(({ start, end }) => `${start}-${end}`),
    host_routes: routes.map(({ destination, nexthop }) => `${destination}=${nexthop}`),
  };
};
const row = (subnet: Subnet): Row => {
  const { id, name, network_id: network, cidr, gateway_ip: gateway, enable_dhcp: dhcp } = subnetView(subnet);
  return { id, name, network_id: network, cidr, gateway_ip: gateway, enable_dhcp: dhcp };
};
const add = async (ctx: ComputeRequest, cidr: string, { network = '', ...o }: Options): Promise<Row[]> => {
  const id = await networkNamed(ctx, network);
  return [
    shown(
      await createSubnet(ctx, camelKeys(bodyOf(create.body, { ...fields(o), cidr, network_id: id })), hooksOf(ctx)),
    ),
  ];
};
const set = async (ctx: ComputeRequest, subnet: string, o: Options): Promise<Row[]> => {
  const changes = camelKeys(bodyOf(patch.body, fields(o)));
  return [shown(await changeSubnet(ctx, await subnetNamed(ctx, subnet), changes, hooksOf(ctx)))];
};
const show = async (ctx: ComputeRequest, subnet: string): Promise<Row[]> => [
  shown(await getSubnet(ctx, await subnetNamed(ctx, subnet))),
];
const remove = async (ctx: ComputeRequest, subnet: string): Promise<Row[]> => {
  const id = await subnetNamed(ctx, subnet);
  await removeSubnet(ctx, id, hooksOf(ctx));
  return [{ id, deleted: true }];
};

const SUBNET = 'name or id';
const withOptions = (command: Command): Command =>
  command
    .option('--name <name>')
    .option('--gateway <address>', 'or none; the first address, when nothing is said')
    .option('--dhcp <yes|no>', 'whether guests get their address by DHCP', yesNo)
    .option('--dns <address>', 'a name server; may be given again; none takes all away', collect)
    .option(
      '--pool <start-end>',
      'addresses for instances; may be given again; none: all but the gateway',
      pairOf('-', 'start', 'end'),
    )
    .option(
      '--route <network=address>',
      'a route for guests; may be given again; none takes all away',
      pairOf('=', 'destination', 'nexthop'),
    );
export const addSubnetCommands = (root: Command, action: MakeAction): void => {
  const subnet = root.command('subnet').description('subnets: the addresses of a network');
  withOptions(
    subnet
      .command('add')
      .argument('<cidr>', 'such as 192.168.40.0/24')
      .requiredOption('--network <network>', 'name or id'),
  ).action(action(add));
  addList(subnet, action, { list: listSubnets, row, byRegion: true });
  subnet.command('show').argument('<subnet>', SUBNET).action(action(show));
  withOptions(subnet.command('set').argument('<subnet>', SUBNET)).action(action(set));
  subnet
    .command('delete')
    .description('one whose addresses no instance has')
    .argument('<subnet>', SUBNET)
    .action(action(remove));
};
