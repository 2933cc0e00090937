import { compute } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import { actingOf } from '../../access/api/acting.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { viewerOf } from '../../access/api/viewer.js';
import { camelKeys } from '../../camel-keys.js';
import { envelope } from '../../lists/api/envelope.js';
import { withoutUndefined } from '../../without-undefined.js';
import { downloadImage, uploadImage } from '../domain/image-data.js';
import { importImage, importInto } from '../domain/image-import.js';
import { addMember, listMembers, removeMember } from '../domain/image-members.js';
import {
  changeImage,
  createImage,
  deleteImage,
  getImage,
  listImages,
  switchImage,
  type ShownImage,
} from '../domain/images.js';
import { sendDownload, uploadOf } from './image-file.js';
import { imageView, memberView } from './images.view.js';

const endpoint = endpointFor<ComputeCtx>();
const view = (ctx: ComputeRequest, image: ShownImage) => imageView(image, viewerOf(ctx));

/** The same endpoints for staff and for end users; the domain decides what differs. */
const forRoot = (at: typeof compute.staffImages | typeof compute.userImages): Endpoint<ComputeCtx>[] => [
  // Before the images by their ids, of which `import` is none.
  endpoint(at.importNew, async (ctx, { req, body: { url, sha256, ...image } }) =>
    view(ctx, await importImage(ctx, camelKeys(image), { url, sha256 }, actingOf(req))),
  ),
  endpoint(at.list, async (ctx, { req, query }) =>
    envelope(ctx, req, await listImages(ctx, query), (row) => view(ctx, row)),
  ),
  endpoint(at.get, async (ctx, { params }) => view(ctx, await getImage(ctx, params.id))),
  endpoint(at.create, async (ctx, { req, body }) => view(ctx, await createImage(ctx, camelKeys(body), actingOf(req)))),
  endpoint(at.importInto, async (ctx, { params, body }) => view(ctx, await importInto(ctx, params.id, body))),
  endpoint(at.change, async (ctx, { params, body }) =>
    view(ctx, await changeImage(ctx, params.id, withoutUndefined(camelKeys(body)))),
  ),
  endpoint(at.delete, async (ctx, { params }) => deleteImage(ctx, params.id)),
  endpoint(at.upload, async (ctx, { params, req }) => view(ctx, await uploadImage(ctx, params.id, uploadOf(req)))),
  endpoint(at.download, async (ctx, { params, req, res }) =>
    sendDownload(req, res, params.id, await downloadImage(ctx, params.id)),
  ),
  endpoint(at.members, async (ctx, { req, params, query }) =>
    envelope(ctx, req, await listMembers(ctx, params.id, query), (row) => memberView(row, viewerOf(ctx))),
  ),
  endpoint(at.addMember, async (ctx, { params, body }) =>
    memberView(await addMember(ctx, params.id, body.project), viewerOf(ctx)),
  ),
  endpoint(at.removeMember, async (ctx, { params }) => removeMember(ctx, params.id, params.project_id)),
];
export const imageEndpoints: Endpoint<ComputeCtx>[] = [
  ...forRoot(compute.staffImages),
  ...forRoot(compute.userImages),
  endpoint(compute.staffImages.deactivate, async (ctx, { params }) =>
    view(ctx, await switchImage(ctx, params.id, { from: 'active', to: 'deactivated' })),
  ),
  endpoint(compute.staffImages.reactivate, async (ctx, { params }) =>
    view(ctx, await switchImage(ctx, params.id, { from: 'deactivated', to: 'active' })),
  ),
];
