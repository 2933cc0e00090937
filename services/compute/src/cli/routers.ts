import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import type { ComputeRequest } from '../ctx.js';
import { routerChanges, routerInput } from '../networking/api/bodies.js';
import { routerView } from '../networking/api/views.js';
import {
  addInterface,
  changeRouter,
  createRouter,
  getRouter,
  listRouters,
  removeInterface,
  removeRouter,
  type ShownRouter,
} from '../networking/domain/routers.js';
import type { MakeAction } from './action.js';
import { namedOrNone, networkNamed, routerNamed, subnetNamed } from './names.js';
import { addThing } from './things.js';
import { bodyOf } from './values.js';

const at = compute.staffNetworking.routers;
interface Options {
  name?: string;
  client?: string;
  region?: string;
  external?: string;
  subnet?: string;
}
const gatewayOf = async (ctx: ComputeRequest, { external }: Options) => {
  const id = await namedOrNone(networkNamed, ctx, external);
  return id && { network_id: id };
};
const add = async (ctx: ComputeRequest, name: string, { client, region, ...o }: Options): Promise<ShownRouter> => {
  const body = bodyOf(at.create.body, { name, client, region, external_gateway_info: await gatewayOf(ctx, o) });
  return createRouter(ctx, routerInput(body), { client: body.client });
};
const set = async (ctx: ComputeRequest, id: string, o: Options): Promise<ShownRouter> => {
  const body = bodyOf(at.patch.body, { name: o.name, external_gateway_info: await gatewayOf(ctx, o) });
  return changeRouter(ctx, id, routerChanges(body));
};
const EXTERNAL: [string, string] = ['--external <network>', 'name or id of the network that it leads to, or none'];
const SUBNET: [string, string] = ['--subnet <subnet>', 'name or id'];
export const addRouterCommands = (root: Command, action: MakeAction): void => {
  const { command, onOne, shown } = addThing<ShownRouter, Options>(root, action, {
    name: 'router',
    what: 'routers',
    known: 'name or id',
    list: listRouters,
    get: getRouter,
    remove: removeRouter,
    find: routerNamed,
    view: routerView,
    columns: ['id', 'name', 'status', 'client', 'region'],
  });
  command
    .command('add')
    .argument('<name>')
    .requiredOption('--client <id>')
    .requiredOption('--region <region>')
    .option(...EXTERNAL)
    .action(action(async (ctx: ComputeRequest, name: string, o: Options) => shown(await add(ctx, name, o), ctx)));
  onOne('set', 'another name, or another way outside', set)
    .option('--name <name>')
    .option(...EXTERNAL);
  onOne('attach', 'connects a subnet of a network of its client', async (ctx, id, { subnet = '' }) =>
    addInterface(ctx, id, await subnetNamed(ctx, subnet)),
  ).requiredOption(...SUBNET);
  onOne('detach', 'takes a subnet from it', async (ctx, id, { subnet = '' }) =>
    removeInterface(ctx, id, await subnetNamed(ctx, subnet)),
  ).requiredOption(...SUBNET);
};
