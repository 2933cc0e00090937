import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import { viewerOf } from '../access/api/viewer.js';
import { camelKeys } from '../camel-keys.js';
import { networkView } from '../catalog/api/catalog.view.js';
import { getNetwork, listNetworks, type NetworkWithSubnets } from '../catalog/domain/catalog.js';
import { changeNetwork, createNetwork, removeNetwork } from '../catalog/domain/networks.js';
import type { ComputeRequest } from '../ctx.js';
import { hooksOf } from '../networking/domain/own-networks.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import { networkNamed } from './names.js';
import type { Row } from './output.js';
import { bodyOf, yesNo } from './values.js';

const { create, patch } = compute.staffCatalog.networks;
interface Options {
  name?: string;
  region?: string;
  project?: string;
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
const add = async (ctx: ComputeRequest, name: string, o: Options): Promise<Row[]> => [
  row(await createNetwork(ctx, camelKeys(bodyOf(create.body, fields({ ...o, name }))), hooksOf(ctx)), ctx),
];
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
    .option('--shared <yes|no>', 'whether every client may use it', yesNo)
    .option('--external <yes|no>', 'whether it leads outside', yesNo)
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
      .option('--project <id>', 'whose it is; else it belongs to nobody'),
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
