import { facadeCompute } from '@nefos/contracts';
import { endpointFor, Reply } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { publicUrl } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { faceFault } from '../../facade/api/refused.js';
import { changeTags } from '../../instances/domain/instances.js';
import { metadataOf, MOST_METADATA, type Metadata } from '../domain/metadata.js';
import { getServer } from '../domain/servers.js';
import { ofServer } from './servers.js';

const endpoint = endpointFor<ComputeCtx>();

const bounded = (metadata: Metadata): Metadata => {
  if (Object.keys(metadata).length > MOST_METADATA)
    throw faceFault('forbidden', `Quota exceeded, too many metadata items: at most ${MOST_METADATA}.`);
  if (Object.keys(metadata).some((key) => !key || key.length > 255))
    throw faceFault('invalid', 'Invalid input for field/attribute metadata. A key has 1 to 255 characters.');
  return metadata;
};
const itemOf = (metadata: Metadata, key: string): { meta: Metadata } => {
  const value = Object.hasOwn(metadata, key) ? metadata[key] : undefined;
  if (value === undefined) throw faceFault('not_found', 'Metadata item was not found');
  return { meta: { [key]: value } };
};
const read = async (ctx: ComputeRequest, id: string): Promise<Metadata> =>
  (await ofServer(id, () => getServer(ctx, id))).metadata ?? {};
const change = (ctx: ComputeRequest, id: string, how: (before: Metadata) => Metadata): Promise<Metadata> =>
  ofServer(id, () => metadataOf(ctx, id, (before) => bounded(how(before))));

const metadataEndpoints = [
  endpoint(facadeCompute.getMetadata, async (ctx, { params }) => ({ metadata: await read(ctx, params.id) })),
  endpoint(facadeCompute.addMetadata, async (ctx, { params, body }) => ({
    metadata: await change(ctx, params.id, (before) => ({ ...before, ...body.metadata })),
  })),
  endpoint(facadeCompute.replaceMetadata, async (ctx, { params, body }) => ({
    metadata: await change(ctx, params.id, () => body.metadata),
  })),
  endpoint(facadeCompute.getMetadataItem, async (ctx, { params }) => itemOf(await read(ctx, params.id), params.key)),
  endpoint(facadeCompute.setMetadataItem, async (ctx, { params: { id, key }, body: { meta } }) => {
    const names = Object.keys(meta);
    if (names.length !== 1) throw faceFault('invalid', 'Request body contains too many items');
    if (names[0] !== key) throw faceFault('invalid', 'Request body and URI mismatch');
    return itemOf(await change(ctx, id, (before) => ({ ...before, ...meta })), key);
  }),
  endpoint(facadeCompute.removeMetadataItem, async (ctx, { params: { id, key } }) => {
    await change(ctx, id, (before) => {
      itemOf(before, key);
      const { [key]: _gone, ...rest } = before;
      return rest;
    });
  }),
];

const demandTags = (ctx: ComputeRequest): void => {
  if (!since(ctx, 26)) throw faceFault('not_found', 'The resource could not be found.');
};
const tagsOf = async (ctx: ComputeRequest, id: string): Promise<readonly string[]> => {
  demandTags(ctx);
  return (await ofServer(id, () => getServer(ctx, id))).tags;
};
const changeTagsOf = (
  ctx: ComputeRequest,
  id: string,
  to: (before: readonly string[]) => readonly string[],
): Promise<readonly string[]> => {
  demandTags(ctx);
  return ofServer(id, () => changeTags(ctx, id, (before) => boundedTags(to(before))));
};
const boundedTags = (tags: readonly string[]): readonly string[] => {
  const wrong = tags.find((tag) => !tag || tag.length > 60 || /[,/]/.test(tag));
  if (wrong !== undefined)
    throw faceFault(
      'invalid',
      `Invalid input for field/attribute tags. Value: ${wrong}. A tag has no comma and no slash.`,
    );
  if (tags.length > 50) throw faceFault('invalid', 'Number of tags exceeded the limit 50');
  return [...new Set(tags)];
};
const noTag = (id: string, tag: string) => faceFault('not_found', `Server ${id} has no tag '${tag}'`);

const tagEndpoints = [
  endpoint(facadeCompute.getTags, async (ctx, { params }) => ({ tags: await tagsOf(ctx, params.id) })),
  endpoint(facadeCompute.replaceTags, async (ctx, { params, body }) => ({
    tags: await changeTagsOf(ctx, params.id, () => body.tags),
  })),
  endpoint(facadeCompute.removeTags, async (ctx, { params }) => {
    await changeTagsOf(ctx, params.id, () => []);
  }),
  endpoint(facadeCompute.hasTag, async (ctx, { params: { id, tag } }) => {
    if (!(await tagsOf(ctx, id)).includes(tag)) throw noTag(id, tag);
  }),
  endpoint(facadeCompute.addTag, async (ctx, { params: { id, tag } }) => {
    let had = false;
    await changeTagsOf(ctx, id, (before) => {
      had = before.includes(tag);
      return had ? before : [...before, tag];
    });
    if (had) return new Reply(undefined, { status: 204 });
    const place = publicUrl(ctx, `/compute/v2.1/servers/${id}/tags/${encodeURIComponent(tag)}`);
    return new Reply(undefined, { headers: { Location: place } });
  }),
  endpoint(facadeCompute.removeTag, async (ctx, { params: { id, tag } }) => {
    await changeTagsOf(ctx, id, (before) => {
      if (!before.includes(tag)) throw noTag(id, tag);
      return before.filter((one) => one !== tag);
    });
  }),
];
export const serverLabelEndpoints = [...metadataEndpoints, ...tagEndpoints];
