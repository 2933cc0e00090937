import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import { viewerOf } from '../access/api/viewer.js';
import { camelKeys } from '../camel-keys.js';
import { regionView } from '../catalog/api/catalog.view.js';
import { getRegion, listRegions, type Region } from '../catalog/domain/catalog.js';
import { changeRegion, createRegion, removeRegion } from '../catalog/domain/regions.js';
import type { ComputeRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import type { Row } from './output.js';
import { addRegionDriverCommands } from './region-drivers.js';
import { bodyOf, yesNo } from './values.js';

const { create, patch } = compute.staffCatalog.regions;
interface Options {
  description?: string;
  enabled?: boolean;
  volumes?: boolean;
  snapshots?: boolean;
  driver?: string;
}
const fields = ({ volumes, snapshots, ...rest }: Options) => ({
  ...rest,
  enable_volumes: volumes,
  enable_snapshots: snapshots,
});
const row = (region: Region, ctx: ComputeRequest): Row => regionView(region, viewerOf(ctx));
const add = async (ctx: ComputeRequest, id: string, o: Options): Promise<Row[]> => [
  row(await createRegion(ctx, camelKeys(bodyOf(create.body, { id, ...fields(o) }))), ctx),
];
const set = async (ctx: ComputeRequest, id: string, o: Options): Promise<Row[]> => [
  row(await changeRegion(ctx, id, camelKeys(bodyOf(patch.body, fields(o)))), ctx),
];
const show = async (ctx: ComputeRequest, id: string): Promise<Row[]> => [row(await getRegion(ctx, id), ctx)];
const remove = async (ctx: ComputeRequest, id: string): Promise<Row[]> => {
  await removeRegion(ctx, id);
  return [{ id, deleted: true }];
};

const withOptions = (command: Command): Command =>
  command
    .option('--description <text>')
    .option('--enabled <yes|no>', 'whether instances are made in it', yesNo)
    .option('--volumes <yes|no>', 'whether it has volumes', yesNo)
    .option('--snapshots <yes|no>', 'whether it has snapshots', yesNo)
    .option('--driver <kind>', `what manages its machines: ${compute.DRIVER_KINDS.join(', ')}`);
export const addRegionCommands = (root: Command, action: MakeAction): void => {
  const region = root.command('region').description('regions: parts of the cloud, each with what manages its machines');
  withOptions(region.command('add').argument('<name>')).action(action(add));
  addList(region, action, { list: listRegions, row });
  region.command('show').argument('<region>').action(action(show));
  withOptions(region.command('set').argument('<region>')).action(action(set));
  region.command('delete').description('one that is empty').argument('<region>').action(action(remove));
  addRegionDriverCommands(region, action);
};
