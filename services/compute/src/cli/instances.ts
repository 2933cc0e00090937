import type { Command } from 'commander';
import { viewerOf } from '../access/api/viewer.js';
import type { ComputeRequest } from '../ctx.js';
import { instanceDetailView, instanceView } from '../instances/api/instances.view.js';
import { getInstanceDetail } from '../instances/domain/details.js';
import { listInstances, type ShownInstance } from '../instances/domain/instances.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import { instanceNamed } from './names.js';
import type { Row } from './output.js';

const row = (instance: ShownInstance, ctx: ComputeRequest): Row => {
  const { id, name, status, display_task, client, region, flavor, access_ip, host_name, created } = instanceView(
    instance,
    viewerOf(ctx),
  );
  return {
    id,
    name,
    status,
    task: display_task,
    client: client.id,
    region,
    flavor: flavor.name,
    access_ip,
    host_name,
    created,
  };
};
const show = async (ctx: ComputeRequest, word: string): Promise<Row[]> => {
  const {
    region_obj: _,
    flavor,
    client,
    uuid: __,
    ...rest
  } = instanceDetailView(await getInstanceDetail(ctx, await instanceNamed(ctx, word)), viewerOf(ctx));
  return [{ ...rest, flavor: flavor.name, client: `${client.id} ${client.name}` }];
};
export const addInstanceCommands = (root: Command, action: MakeAction): void => {
  const instance = root.command('instance').description('instances of all clients');
  addList(instance, action, { list: async (ctx, query) => (await listInstances(ctx, query)).page, row });
  instance.command('show').argument('<instance>', 'name or id').action(action(show));
};
