import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import { viewerOf } from '../access/api/viewer.js';
import type { ComputeRequest } from '../ctx.js';
import { volumeView } from '../volumes/api/volumes.view.js';
import {
  createVolume,
  deleteVolume,
  extendVolume,
  getVolume,
  listVolumes,
  type VolumeRow,
} from '../volumes/domain/volumes.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import type { Row } from './output.js';
import { bodyOf } from './values.js';

const { create, extend } = compute.staffVolumes;
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
interface NewVolume {
  client?: string;
  region?: string;
  size?: string;
  type?: string;
  image?: string;
  snapshot?: string;
  volume?: string;
  backup?: string;
}
const show = async (ctx: ComputeRequest, id: string): Promise<Row[]> => [
  volumeView(await getVolume(ctx, id), viewerOf(ctx)),
];
const add = async (ctx: ComputeRequest, name: string, { type, ...rest }: NewVolume): Promise<Row[]> => {
  const { region, description, size, image, snapshot, volume, backup, ...b } = bodyOf(create.body, {
    ...rest,
    name,
    volume_type: type,
  });
  const source = { image, snapshot, volume, backup };
  const input = { region, name, description, size, type: b.volume_type, deleteProtection: b.delete_protection, source };
  const made = await createVolume(ctx, input, { client: b.client });
  return [{ ...row(made.volume, ctx), operation: made.operationId }];
};
const grow = async (ctx: ComputeRequest, id: string, size: string): Promise<Row[]> => {
  const made = await extendVolume(ctx, id, bodyOf(extend.body, { size }).size);
  return [{ ...row(made.volume, ctx), operation: made.operationId }];
};
const remove = async (ctx: ComputeRequest, id: string): Promise<Row[]> => [
  { id, operation: await deleteVolume(ctx, id) },
];

export const addVolumeCommands = (root: Command, action: MakeAction): void => {
  const volume = root.command('volume').description('volumes of all clients');
  volume
    .command('create')
    .argument('<name>')
    .requiredOption('--client <id>')
    .requiredOption('--region <region>')
    .option('--size <gb>', 'absent: as large as its source')
    .option('--type <type>', 'name or id of a volume type')
    .option('--image <id>', 'filled from an image')
    .option('--snapshot <id>', 'filled from a snapshot')
    .option('--volume <id>', 'a copy of another volume')
    .option('--backup <id>', 'filled from a backup')
    .action(action(add));
  addList(volume, action, { list: (ctx, query) => listVolumes(ctx, query, undefined), row, byRegion: true });
  volume.command('show').argument('<volume>', 'its id').action(action(show));
  volume.command('extend').argument('<volume>', 'its id').argument('<gb>', 'its new size').action(action(grow));
  volume.command('delete').argument('<volume>', 'its id').action(action(remove));
};
