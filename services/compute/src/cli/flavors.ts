import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import { viewerOf } from '../access/api/viewer.js';
import { flavorForm } from '../catalog/api/forms.js';
import { flavorDetailView } from '../catalog/api/catalog.view.js';
import { getFlavor, listFlavors, type FlavorWithStock } from '../catalog/domain/catalog.js';
import { changeFlavor, createFlavor, removeFlavor } from '../catalog/domain/flavors.js';
import type { ComputeRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import { flavorNamed, groupNamed } from './names.js';
import type { Row } from './output.js';
import { bodyOf, collect, orNone, yesNo } from './values.js';

const { create, patch } = compute.staffCatalog.flavors;
interface Options {
  name?: string;
  region?: string;
  description?: string;
  vcpus?: string;
  memory?: string;
  disk?: string;
  ephemeral?: string;
  swap?: string;
  properties?: string;
  group?: string;
  public?: boolean;
  project?: string[];
  disabled?: boolean;
  outOfStock?: boolean;
  stockLimit?: string;
}
/** As the fields of the API, which judges their values. */
const fields = async (ctx: ComputeRequest, o: Options): Promise<Row> => {
  const group = orNone(o.group);
  return {
    name: o.name,
    region: o.region,
    description: o.description,
    vcpus: o.vcpus,
    memory_mb: o.memory,
    root_gb: o.disk,
    ephemeral_gb: o.ephemeral,
    swap: o.swap,
    properties: o.properties,
    flavor_group: typeof group === 'string' ? await groupNamed(ctx, group) : group,
    is_public: o.public,
    project_ids: o.project,
    disabled: o.disabled,
    out_of_stock: o.outOfStock,
    stock_limit: orNone(o.stockLimit),
  };
};
const view = (flavor: FlavorWithStock, ctx: ComputeRequest) => flavorDetailView(flavor, viewerOf(ctx));
const shown = (flavor: FlavorWithStock, ctx: ComputeRequest): Row => {
  const { used_by_resellers: _, reseller_resources: __, flavor_group: group, ...rest } = view(flavor, ctx);
  return { ...rest, flavor_group: group?.name ?? null };
};
const row = (flavor: FlavorWithStock, ctx: ComputeRequest): Row => {
  const f = view(flavor, ctx);
  return {
    id: f.id,
    name: f.name,
    region: f.region,
    vcpus: f.vcpus,
    memory_mb: f.memory_mb,
    root_gb: f.root_gb,
    flavor_group: f.flavor_group?.name ?? null,
    is_public: f.is_public,
    disabled: f.disabled,
    out_of_stock: f.out_of_stock,
    stock: `${f.stock_used}${f.stock_limit === null ? '' : ` of ${f.stock_limit}`}`,
  };
};
const add = async (ctx: ComputeRequest, name: string, o: Options): Promise<Row[]> => [
  shown(await createFlavor(ctx, flavorForm(bodyOf(create.body, await fields(ctx, { ...o, name })))), ctx),
];
const set = async (ctx: ComputeRequest, flavor: string, o: Options): Promise<Row[]> => {
  const changes = flavorForm(bodyOf(patch.body, await fields(ctx, o)));
  return [shown(await changeFlavor(ctx, await flavorNamed(ctx, flavor), changes), ctx)];
};
const show = async (ctx: ComputeRequest, flavor: string): Promise<Row[]> => [
  shown(await getFlavor(ctx, await flavorNamed(ctx, flavor)), ctx),
];
const remove = async (ctx: ComputeRequest, flavor: string): Promise<Row[]> => {
  const id = await flavorNamed(ctx, flavor);
  await removeFlavor(ctx, id);
  return [{ id, deleted: true }];
};

const FLAVOR = 'name or id';
const withOptions = (command: Command): Command =>
  command
    .option('--vcpus <number>')
    .option('--memory <number>', 'MiB')
    .option('--disk <number>', 'GiB of the root disk')
    .option('--ephemeral <number>', 'GiB of a second disk')
    .option('--swap <number>', 'MiB')
    .option('--description <text>', 'else the name stands for it')
    .option('--properties <json>', 'such as {"hw:cpu_policy":"dedicated"}')
    .option('--group <group>', 'name or id of a flavor group, or none')
    .option('--public <yes|no>', 'whether every client may use it', yesNo)
    .option(
      '--project <id>',
      'that may use it though it is not public; may be given again; none takes all away',
      collect,
    )
    .option('--disabled <yes|no>', 'whether nobody makes instances of it', yesNo)
    .option('--out-of-stock <yes|no>', 'whether end users are refused it', yesNo)
    .option('--stock-limit <number>', 'how many instances of it there may be, or none');
export const addFlavorCommands = (root: Command, action: MakeAction): void => {
  const flavor = root.command('flavor').description('flavors: the sizes of instances');
  withOptions(flavor.command('add').argument('<name>').requiredOption('--region <region>')).action(action(add));
  addList(flavor, action, { list: listFlavors, row, byRegion: true });
  flavor.command('show').argument('<flavor>', FLAVOR).action(action(show));
  withOptions(flavor.command('set').argument('<flavor>', FLAVOR).option('--name <name>')).action(action(set));
  flavor.command('delete').description('one without instances').argument('<flavor>', FLAVOR).action(action(remove));
};
