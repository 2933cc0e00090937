import type { Command } from 'commander';
import { viewerOf } from '../access/api/viewer.js';
import { imageView } from '../catalog/api/images.view.js';
import { getImage, listImages, type ShownImage } from '../catalog/domain/images.js';
import type { ComputeRequest } from '../ctx.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import { imageNamed } from './names.js';
import type { Row } from './output.js';

const row = (image: ShownImage, ctx: ComputeRequest): Row => {
  const { id, name, region, status, visibility, type, min_disk, min_ram, size } = imageView(image, viewerOf(ctx));
  return { id, name, region, status, visibility, type, min_disk, min_ram, size };
};
const show = async (ctx: ComputeRequest, image: string): Promise<Row[]> => [
  imageView(await getImage(ctx, await imageNamed(ctx, image)), viewerOf(ctx)),
];
export const addImageCommands = (root: Command, action: MakeAction): void => {
  const image = root.command('image').description('images: the disks that instances start from');
  addList(image, action, { list: listImages, row, byRegion: true });
  image.command('show').argument('<image>', 'name or id').action(action(show));
};
