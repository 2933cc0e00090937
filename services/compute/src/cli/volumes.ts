import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import { viewerOf } from '../access/api/viewer.js';
import { camelKeys } from '../camel-keys.js';
import type { ComputeRequest } from '../ctx.js';
import { requestAttach, requestDetach } from '../instances/domain/volumes.js';
import { volumeInput } from '../volumes/api/bodies.js';
import { volumeView } from '../volumes/api/volumes.view.js';
import {
  changeVolume,
  createVolume,
  deleteVolume,
  extendVolume,
  getVolume,
  listVolumes,
  type VolumeRow,
} from '../volumes/domain/volumes.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import { imageNamed, instanceNamed, volumeNamed } from './names.js';
import type { Row } from './output.js';
import { bodyOf, yesNo } from './values.js';

const { create, extend, patch } = compute.staffVolumes;
const attaching = compute.actionBodies['attach-volume'];
const row = (volume: VolumeRow, ctx: ComputeRequest): Row => {
  const v = volumeView(volume, viewerOf(ctx));
  const { id, name, status, size, client = null, region, volume_type, bootable, created_at } = v;
  return {
    id,
    name,
    status,
    size,
    client,
    region,
    volume_type,
    bootable,
    instance: v.attachments[0]?.instance ?? null,
    created_at,
  };
};
interface Options {
  name?: string;
  description?: string;
  protected?: boolean;
  client?: string;
  region?: string;
  size?: string;
  type?: string;
  image?: string;
  snapshot?: string;
  volume?: string;
  backup?: string;
  instance?: string;
  device?: string;
  deleteOnTermination?: boolean;
}
const shown = (volume: VolumeRow, ctx: ComputeRequest): Row[] => [volumeView(volume, viewerOf(ctx))];
const add = async (ctx: ComputeRequest, name: string, o: Options): Promise<Row[]> => {
  const { type, image, volume, protected: kept, ...rest } = o;
  const body = bodyOf(create.body, {
    ...rest,
    name,
    volume_type: type,
    image: image && (await imageNamed(ctx, image)),
    volume: volume && (await volumeNamed(ctx, volume)),
    delete_protection: kept,
  });
  const made = await createVolume(ctx, volumeInput(body), { client: body.client });
  return [{ ...row(made.volume, ctx), operation: made.operationId }];
};
const set = async (ctx: ComputeRequest, id: string, o: Options): Promise<Row[]> => {
  const body = bodyOf(patch.body, { name: o.name, description: o.description, delete_protection: o.protected });
  return shown(await changeVolume(ctx, id, camelKeys(body)), ctx);
};
const attach = async (ctx: ComputeRequest, id: string, o: Options): Promise<Row[]> => {
  const { device, delete_on_termination: deleteOnTermination } = bodyOf(attaching, {
    volume: id,
    device: o.device,
    delete_on_termination: o.deleteOnTermination,
  });
  const instance = await instanceNamed(ctx, o.instance ?? '');
  const operation = await requestAttach(ctx, instance, { volume: id, device, deleteOnTermination });
  return [{ ...row(await getVolume(ctx, id), ctx), operation }];
};
/** From the instance that has it. */
const detach = async (ctx: ComputeRequest, id: string): Promise<Row[]> => {
  const [attachment] = (await getVolume(ctx, id)).attachments;
  if (!attachment) throw new Error(`no instance has the volume ${id}`);
  const operation = await requestDetach(ctx, attachment.instanceId, id);
  return [{ ...row(await getVolume(ctx, id), ctx), operation }];
};
const grow = async (ctx: ComputeRequest, word: string, size: string): Promise<Row[]> => {
  const made = await extendVolume(ctx, await volumeNamed(ctx, word), bodyOf(extend.body, { size }).size);
  return [{ ...row(made.volume, ctx), operation: made.operationId }];
};

const VOLUME = 'name or id';
export const addVolumeCommands = (root: Command, action: MakeAction): void => {
  const volume = root.command('volume').description('volumes of all clients');
  /** `<verb> <volume> ...`: does something with one. */
  const onOne = (verb: string, work: (ctx: ComputeRequest, id: string, o: Options) => Promise<Row[]>): Command =>
    volume
      .command(verb)
      .argument('<volume>', VOLUME)
      .action(
        action(async (ctx: ComputeRequest, word: string, o: Options) => work(ctx, await volumeNamed(ctx, word), o)),
      );
  volume
    .command('add')
    .alias('create')
    .argument('<name>')
    .requiredOption('--client <id>')
    .requiredOption('--region <region>')
    .option('--size <gb>', 'absent: as large as its source')
    .option('--type <type>', 'name or id of a volume type')
    .option('--image <image>', 'filled from an image: name or id')
    .option('--snapshot <id>', 'filled from a snapshot')
    .option('--volume <volume>', 'a copy of another volume: name or id')
    .option('--backup <id>', 'filled from a backup')
    .option('--description <text>')
    .option('--protected <yes|no>', 'whether it is not to be deleted', yesNo)
    .action(action(add));
  addList(volume, action, { list: (ctx, query) => listVolumes(ctx, query, undefined), row, byRegion: true });
  onOne('show', async (ctx, id) => shown(await getVolume(ctx, id), ctx));
  onOne('set', set)
    .option('--name <name>')
    .option('--description <text>')
    .option('--protected <yes|no>', 'whether it is not to be deleted', yesNo);
  volume.command('extend').argument('<volume>', VOLUME).argument('<gb>', 'its new size').action(action(grow));
  onOne('attach', attach)
    .description('gives it to an instance')
    .requiredOption('--instance <instance>', 'name or id')
    .option('--device <path>', 'its name there, such as /dev/vdb')
    .option('--delete-on-termination <yes|no>', 'whether it goes with the instance', yesNo);
  onOne('detach', detach).description('takes it from the instance that has it');
  onOne('delete', async (ctx, id) => [{ id, operation: await deleteVolume(ctx, id) }]);
};
