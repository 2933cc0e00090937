import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import { viewerOf } from '../access/api/viewer.js';
import { camelKeys } from '../camel-keys.js';
import { networkView } from '../catalog/api/catalog.view.js';
import { getNetwork, listNetworks, type NetworkWithSubnets } from '../catalog/domain/catalog.js';
import { changeNetwork, createNetwork, removeNetwork } from '../catalog/domain/networks.js';
import type { ComputeRequest } from '../ctx.js';
import { createOwnNetwork, hooksOf } from '../networking/domain/own-networks.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import { networkNamed } from './names.js';
import type { Row } from './output.js';
import { bodyOf, wholeNumber, yesNo } from './values.js';

const { create, patch } = compute.staffCatalog.networks;
const { networks: ownNetworks } = compute.userNetworking;
interface Options {
  name?: string;
  region?: string;
  project?: string;
  client?: number;
  shared?: boolean;
  external?: boolean;
  up?: boolean;
  mtu?: string;
  default?: boolean;
}
const fields = (o: Options): Row => ({
  name: o.name,
  region: o.region,
  project_id: o.project,
  shared: o.shared,
  router_external: o.external,
  admin_state_up: o.up,
  mtu: o.mtu,
  is_default: o.default,
});
const row = (network: NetworkWithSubnets, ctx: ComputeRequest): Row => networkView(network, viewerOf(ctx));
/** One of a client's own, as the client makes it: it counts to the quota, and the region's driver makes it. */
const addForClient = (ctx: ComputeRequest, body: Row, client: number): Promise<NetworkWithSubnets> => {
  const staffs = (['project_id', 'shared', 'router_external', 'is_default'] as const).some(
    (name) => body[name] !== undefined,
  );
  if (staffs) throw new Error('--client goes without --project, --shared, --external and --default');
  return createOwnNetwork(ctx, camelKeys(bodyOf(ownNetworks.create.body, body)), { client });
};
const add = async (ctx: ComputeRequest, name: string, { client, ...o }: Options): Promise<Row[]> => {
  const body = fields({ ...o, name });
  const made =
    client === undefined
      ? await createNetwork(ctx, camelKeys(bodyOf(create.body, body)), hooksOf(ctx))
      : await addForClient(ctx, body, client);
  return [row(made, ctx)];
};
const set = async (ctx: ComputeRequest, network: string, o: Options): Promise<Row[]> => {
  const changes = camelKeys(bodyOf(patch.body, fields(o)));
  return [row(await changeNetwork(ctx, await networkNamed(ctx, network), changes, hooksOf(ctx)), ctx)];
};
const show = async (ctx: ComputeRequest, network: string): Promise<Row[]> => [
  row(await getNetwork(ctx, await networkNamed(ctx, network)), ctx),
];
const remove = async (ctx: ComputeRequest, network: string): Promise<Row[]> => {
  const id = await networkNamed(ctx, network);
  await removeNetwork(ctx, id, hooksOf(ctx));
  return [{ id, deleted: true }];
};

const NETWORK = 'name or id';
const withOptions = (command: Command): Command =>
  command
    .option('--shared <yes|no>', 'whether every client may use it; also for an external one', yesNo)
    .option('--external <yes|no>', 'whether it leads outside: for routers and floating IPs', yesNo)
    .option('--up <yes|no>', 'whether it is switched on', yesNo)
    .option('--mtu <number>', 'bytes of its longest packet')
    .option('--default <yes|no>', 'whether it is the one that is proposed', yesNo);
export const addNetworkCommands = (root: Command, action: MakeAction): void => {
  const network = root.command('network').description('networks: what instances are attached to');
  withOptions(
    network
      .command('add')
      .argument('<name>')
      .requiredOption('--region <region>')
      .option('--project <id>', 'whose it is; else it belongs to nobody')
      .option('--client <id>', 'one of its own, as the client makes it', wholeNumber(999_999_999)),
  ).action(action(add));
  addList(network, action, { list: listNetworks, row, byRegion: true });
  network.command('show').argument('<network>', NETWORK).action(action(show));
  withOptions(network.command('set').argument('<network>', NETWORK).option('--name <name>')).action(action(set));
  network
    .command('delete')
    .description('one without instances, with its subnets')
    .argument('<network>', NETWORK)
    .action(action(remove));
};
