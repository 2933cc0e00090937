import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { compute } from '@nefos/contracts';
import type { Command } from 'commander';
import { viewerOf } from '../access/api/viewer.js';
import { camelKeys } from '../camel-keys.js';
import { imageView } from '../catalog/api/images.view.js';
import { uploadImage } from '../catalog/domain/image-data.js';
import { importImage } from '../catalog/domain/image-import.js';
import {
  changeImage,
  createImage,
  deleteImage,
  getImage,
  listImages,
  type ShownImage,
} from '../catalog/domain/images.js';
import type { ComputeRequest } from '../ctx.js';
import { withoutUndefined } from '../without-undefined.js';
import type { MakeAction } from './action.js';
import { addList } from './lists.js';
import { imageNamed } from './names.js';
import type { Row } from './output.js';
import { bodyOf, collect, fileAt, pairOf, yesNo } from './values.js';

const { create, importNew, change } = compute.staffImages;
interface Options {
  name?: string;
  region?: string;
  client?: string;
  file?: string;
  url?: string;
  sha256?: string;
  backendId?: string;
  type?: string;
  format?: string;
  visibility?: string;
  minDisk?: string;
  minRam?: string;
  distro?: string;
  agent?: boolean;
  protected?: boolean;
  tag?: string[];
  property?: { name: string; value: string }[];
}
const fields = (o: Options): Row => ({
  name: o.name,
  region: o.region,
  client: o.client,
  backend_id: o.backendId,
  type: o.type,
  disk_format: o.format,
  visibility: o.visibility,
  min_disk: o.minDisk,
  min_ram: o.minRam,
  os_distro: o.distro,
  hw_qemu_guest_agent: o.agent,
  protected: o.protected,
  tags: o.tag,
  properties: o.property && Object.fromEntries(o.property.map(({ name, value }) => [name, value])),
});
const row = (image: ShownImage, ctx: ComputeRequest): Row => {
  const { id, name, region, status, visibility, type, min_disk, min_ram, size } = imageView(image, viewerOf(ctx));
  return { id, name, region, status, visibility, type, min_disk, min_ram, size };
};
const shown = (image: ShownImage, ctx: ComputeRequest): Row => imageView(image, viewerOf(ctx));
/** @throws Error there is no such file */
const sizeOf = async (file: string): Promise<number> => {
  const found = await stat(file).catch((err: NodeJS.ErrnoException) => {
    throw new Error(`can not read ${file}: ${err.code ?? err.message}`);
  });
  if (!found.isFile()) throw new Error(`${file} is no file`);
  return found.size;
};
/** Makes an image of a file of this machine: all of it, or no image. */
const addFile = async (ctx: ComputeRequest, file: string, values: Row): Promise<ShownImage> => {
  const length = await sizeOf(file);
  const { id } = await createImage(ctx, camelKeys(bodyOf(create.body, values)), undefined);
  try {
    const open = (stop: AbortController) => createReadStream(file, { signal: stop.signal });
    return await uploadImage(ctx, id, { length, open });
  } catch (err) {
    await deleteImage(ctx, id);
    throw err;
  }
};
const add = async (ctx: ComputeRequest, name: string, o: Options): Promise<Row[]> => {
  const from = [o.file, o.url, o.backendId].filter((one) => one !== undefined);
  if (from.length !== 1) throw new Error('say where its data is: one of --file, --url and --backend-id');
  if (o.sha256 !== undefined && o.url === undefined) throw new Error('--sha256 is for --url');
  const values = fields({ ...o, name });
  if (o.file !== undefined) return [shown(await addFile(ctx, fileAt(o.file), values), ctx)];
  if (o.backendId !== undefined)
    return [shown(await createImage(ctx, camelKeys(bodyOf(create.body, values)), undefined), ctx)];
  const { url, sha256, ...image } = bodyOf(importNew.body, { ...values, url: o.url, sha256: o.sha256 });
  return [shown(await importImage(ctx, camelKeys(image), { url, sha256 }, undefined), ctx)];
};
const set = async (ctx: ComputeRequest, image: string, o: Options): Promise<Row[]> => {
  const changes = withoutUndefined(camelKeys(bodyOf(change.body, fields(o))));
  return [shown(await changeImage(ctx, await imageNamed(ctx, image), changes), ctx)];
};
const show = async (ctx: ComputeRequest, image: string): Promise<Row[]> => [
  shown(await getImage(ctx, await imageNamed(ctx, image)), ctx),
];
const remove = async (ctx: ComputeRequest, image: string): Promise<Row[]> => {
  const id = await imageNamed(ctx, image);
  await deleteImage(ctx, id);
  return [{ id, deleted: true }];
};

const IMAGE = 'name or id';
const withOptions = (command: Command): Command =>
  command
    .option('--visibility <word>', 'public, community; of a client also private, shared')
    .option('--min-disk <number>', 'GiB that a flavor must have')
    .option('--min-ram <number>', 'MiB that a flavor must have')
    .option('--distro <name>', 'its operating system, such as debian')
    .option('--agent <yes|no>', "whether QEMU's guest agent is in it", yesNo)
    .option('--protected <yes|no>', 'whether it can not be deleted', yesNo)
    .option('--tag <tag>', 'may be given again; none takes all away', collect)
    .option('--property <name=value>', 'may be given again; none takes all away', pairOf('=', 'name', 'value'));
export const addImageCommands = (root: Command, action: MakeAction): void => {
  const image = root.command('image').description('images: the disks that instances start from');
  withOptions(
    image
      .command('add')
      .description('one of a file, of an address, or one that the hypervisor has')
      .argument('<name>')
      .requiredOption('--region <region>')
      .option('--file <path>', 'a file of this machine')
      .option('--url <address>', 'http or https; compute fetches it afterwards')
      .option('--sha256 <digest>', 'of what is fetched')
      .option('--backend-id <id>', "the hypervisor's own id of an image that it has already")
      .option('--format <word>', 'of the data: qcow2, raw, iso and others; else qcow2, of an ISO image iso')
      .option('--type <word>', 'template or iso')
      .option('--client <id>', "whose it is; else it is the cloud's own"),
  ).action(action(add));
  addList(image, action, { list: listImages, row, byRegion: true });
  image.command('show').argument('<image>', IMAGE).action(action(show));
  withOptions(image.command('set').argument('<image>', IMAGE).option('--name <name>')).action(action(set));
  image
    .command('delete')
    .description('its data stays until no instance needs it')
    .argument('<image>', IMAGE)
    .action(action(remove));
};
