import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import { camelKeys } from '../camel-keys.js';
import { flavorGroupView } from '../catalog/api/catalog.view.js';
import { getFlavorGroup, listFlavorGroups } from '../catalog/domain/catalog.js';
import { changeFlavorGroup, createFlavorGroup, removeFlavorGroup } from '../catalog/domain/flavor-groups.js';
import type { ComputeRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import { groupNamed } from './names.js';
import type { Row } from './output.js';
import { bodyOf } from './values.js';

const { create, patch } = compute.staffCatalog.flavorGroups;
interface Options {
  name?: string;
  description?: string;
  priority?: string;
}
const add = async (ctx: ComputeRequest, name: string, o: Options): Promise<Row[]> => [
  flavorGroupView(await createFlavorGroup(ctx, camelKeys(bodyOf(create.body, { ...o, name })))),
];
const set = async (ctx: ComputeRequest, group: string, o: Options): Promise<Row[]> => {
  const changes = camelKeys(bodyOf(patch.body, { ...o }));
  return [flavorGroupView(await changeFlavorGroup(ctx, await groupNamed(ctx, group), changes))];
};
const show = async (ctx: ComputeRequest, group: string): Promise<Row[]> => [
  flavorGroupView(await getFlavorGroup(ctx, await groupNamed(ctx, group))),
];
const remove = async (ctx: ComputeRequest, group: string): Promise<Row[]> => {
  const id = await groupNamed(ctx, group);
  await removeFlavorGroup(ctx, id);
  return [{ id: Number(id), deleted: true }];
};

const GROUP = 'name or id';
const withOptions = (command: Command): Command =>
  command.option('--description <text>').option('--priority <number>', 'lower ones are shown first');
export const addFlavorGroupCommands = (root: Command, action: MakeAction): void => {
  const group = root.command('flavorgroup').description('groups in which flavors are shown');
  withOptions(group.command('add').argument('<name>')).action(action(add));
  addList(group, action, { list: listFlavorGroups, row: flavorGroupView });
  group.command('show').argument('<group>', GROUP).action(action(show));
  withOptions(group.command('set').argument('<group>', GROUP).option('--name <name>')).action(action(set));
  group.command('delete').description('its flavors stay').argument('<group>', GROUP).action(action(remove));
};
