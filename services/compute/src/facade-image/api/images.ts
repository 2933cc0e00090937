import { facadeImage } from '@nefos/contracts';
import { endpointFor, Fault, Reply } from '@nefos/service-kit';
import type { Request } from 'express';
import { sendDownload, uploadOf } from '../../catalog/api/image-file.js';
import { downloadImage, uploadImage } from '../../catalog/domain/image-data.js';
import { importInto } from '../../catalog/domain/image-import.js';
import { deleteImage, switchImage, type NewImage } from '../../catalog/domain/images.js';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { nextQuery, queryWith, publicUrl } from '../../facade/api/links.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { regionOfZone } from '../../facade/domain/regions.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import * as images from '../domain/images.js';
import { applyChanges, demandWritable, setAttribute, type ImageAttributes } from './attributes.js';
import { imageView } from './images.view.js';
import { listRequest } from './list-query.js';
import { rangeOf } from './range.js';

const endpoint = endpointFor<ComputeCtx>();
export const ofImage = <T>(id: string, work: () => Promise<T>): Promise<T> => named(work, `Failed to find image ${id}`);

const newImage = async (
  ctx: ComputeRequest,
  body: Record<string, unknown>,
): Promise<{ image: NewImage; hidden: boolean }> => {
  const { nefos_region: region, ...given } = body;
  if (region !== undefined && typeof region !== 'string')
    throw faceFault('invalid', 'nefos_region is the name of a region.');
  const into = { attributes: {} as ImageAttributes, properties: {} as Record<string, string> };
  for (const [key, value] of Object.entries(given)) setAttribute(into, key, value);
  const { attributes: a, properties } = into;
  return {
    hidden: a.hidden ?? false,
    image: {
      name: a.name ?? '',
      region: await regionOfZone(ctx, region),
      visibility: a.visibility ?? (ctx.scope?.clientId === null ? null : 'shared'),
      type: a.diskFormat === 'iso' ? 'iso' : 'template',
      diskFormat: a.diskFormat ?? null,
      containerFormat: a.containerFormat ?? 'bare',
      minDisk: a.minDisk ?? 0,
      minRam: a.minRam ?? 0,
      osDistro: a.osDistro ?? null,
      osVersion: a.osVersion ?? null,
      architecture: a.architecture ?? null,
      hypervisorType: a.hypervisorType ?? null,
      hwQemuGuestAgent: a.hwQemuGuestAgent ?? false,
      protected: a.protected ?? false,
      tags: a.tags ?? [],
      properties,
    },
  };
};
const next = (req: Request, last: { id: string } | undefined, more: boolean) =>
  more && last ? { next: `/v2/images?${nextQuery(req, last.id)}` } : {};
const first = (req: Request): string => {
  const text = queryWith(req, { marker: undefined });
  return `/v2/images${text && `?${text}`}`;
};
/** How the portal refuses, in Glance's statuses: what is protected is a 403, a state that does not allow it a 409. */
const inGlanceWords = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (err) {
    if (err instanceof Fault && err.code === 'image.protected')
      throw faceFault('forbidden', `Image ${id} is protected and cannot be deleted.`);
    throw err;
  }
};

const manageEndpoints = [
  endpoint(facadeImage.listImages, async (ctx, { req, query }) => {
    const { request, seen } = listRequest(query);
    const page = await images.listImages(ctx, request, seen);
    if (page === 'no_marker')
      throw faceFault('not_found', `Image with marker ${request.marker ?? ''} could not be found`);
    return {
      images: page.rows.map((row) => imageView(ctx, row)),
      first: first(req),
      ...next(req, page.rows.at(-1), page.more),
      schema: '/v2/schemas/images',
    };
  }),
  endpoint(facadeImage.createImage, async (ctx, { body }) => {
    if (body.id !== undefined) demandWritable('id');
    const { image, hidden } = await newImage(ctx, body);
    const made = await images.makeImage(ctx, image, hidden);
    return new Reply(imageView(ctx, made), {
      headers: {
        Location: publicUrl(ctx, `/image/v2/images/${made.id}`),
        'OpenStack-image-import-methods': 'web-download',
      },
    });
  }),
  endpoint(facadeImage.showImage, async (ctx, { params: { id } }) =>
    imageView(ctx, await ofImage(id, () => images.getImage(ctx, id))),
  ),
  endpoint(facadeImage.updateImage, async (ctx, { params: { id }, body }) =>
    imageView(ctx, await ofImage(id, () => images.reviseImage(ctx, id, (before) => applyChanges(before, body)))),
  ),
  endpoint(facadeImage.deleteImage, async (ctx, { params: { id } }) => {
    await ofImage(id, async () => {
      await images.getImage(ctx, id);
      await inGlanceWords(id, () => deleteImage(ctx, id));
    });
  }),
  endpoint(facadeImage.addTag, async (ctx, { params: { id, tag } }) => {
    if (tag.length > 60) throw faceFault('invalid', 'A tag has at most 60 characters.');
    await ofImage(id, () =>
      images.reviseImage(ctx, id, ({ tags }) => {
        if (!tags.includes(tag) && tags.length >= 50) throw faceFault('too_large', 'An image has at most 50 tags.');
        return { tags: tags.includes(tag) ? tags : [...tags, tag] };
      }),
    );
  }),
  endpoint(facadeImage.removeTag, async (ctx, { params: { id, tag } }) => {
    await ofImage(id, () =>
      images.reviseImage(ctx, id, ({ tags }) => {
        if (!tags.includes(tag)) throw faceFault('not_found', `Image ${id} does not have the tag ${tag}.`);
        return { tags: tags.filter((one) => one !== tag) };
      }),
    );
  }),
];

const dataEndpoints = [
  endpoint(facadeImage.uploadImage, async (ctx, { params: { id }, req }) => {
    await ofImage(id, async () => {
      await images.getImage(ctx, id);
      await uploadImage(ctx, id, uploadOf(req));
    });
  }),
  endpoint(facadeImage.downloadImage, async (ctx, { params: { id }, req, res }) => {
    const { status } = await ofImage(id, () => images.getImage(ctx, id));
    if (status === 'deactivated')
      throw faceFault('forbidden', 'The requested image has been deactivated. Image data download is forbidden.');
    if (status !== 'active') return new Reply(undefined, { status: 204 });
    return sendDownload(req, res, id, await downloadImage(ctx, id, rangeOf(req.headers.range)));
  }),
  endpoint(facadeImage.importImage, async (ctx, { params: { id }, body: { method } }) => {
    if (method.name !== 'web-download' || method.uri === undefined)
      throw faceFault('invalid', 'Data is imported by the method web-download, with a uri.');
    const url = method.uri;
    if (!/^https?:\/\/./i.test(url)) throw faceFault('invalid', 'The uri to import from is no http or https address.');
    await ofImage(id, async () => {
      await images.getImage(ctx, id);
      await importInto(ctx, id, { url, sha256: null });
    });
    return new Reply(undefined);
  }),
  ...(
    [
      [facadeImage.deactivateImage, 'active', 'deactivated'],
      [facadeImage.reactivateImage, 'deactivated', 'active'],
    ] as const
  ).map(([contract, from, to]) =>
    endpoint(contract, async (ctx, { params: { id } }) => {
      demandAdmin(ctx);
      await ofImage(id, () => switchImage(ctx, id, { from, to }));
    }),
  ),
];
export const imageEndpoints = [...manageEndpoints, ...dataEndpoints];
