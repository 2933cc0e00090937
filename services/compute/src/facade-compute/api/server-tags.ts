import { facadeCompute } from '@nefos/contracts';
import { Reply, endpointFor } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { publicUrl } from '../../facade/api/links.js';
import { faceFault } from '../../facade/api/refused.js';
import { changeTags } from '../../instances/domain/instances.js';
import { getServer, onServer } from './in-nova.js';
import { demandSince } from './versioned.js';

const endpoint = endpointFor<ComputeCtx>();
const { MAX_SERVER_TAGS, serverTag } = facadeCompute;

const server = (ctx: ComputeRequest, id: string) => {
  demandSince(ctx, 26);
  return getServer(ctx, id);
};
const change = (ctx: ComputeRequest, id: string, to: (tags: readonly string[]) => readonly string[]) => {
  demandSince(ctx, 26);
  return onServer(id, () => changeTags(ctx, id, to));
};
const noTag = (id: string, tag: string) => faceFault('not_found', `Instance ${id} has no tag '${tag}'`);
/** @throws Fault invalid */
const demandTag = (tag: string): void => {
  if (!serverTag.safeParse(tag).success)
    throw faceFault(
      'invalid',
      `Tag '${tag.slice(0, 60)}' is invalid. It must be a string without characters '/' and ','. ` +
        'Validation error message: it has 1 to 60 characters',
    );
};

export const serverTagEndpoints = [
  endpoint(facadeCompute.listServerTags, async (ctx, { params }) => ({ tags: (await server(ctx, params.id)).tags })),
  endpoint(facadeCompute.replaceServerTags, async (ctx, { params, body }) => ({
    tags: await change(ctx, params.id, () => [...new Set(body.tags)]),
  })),
  endpoint(facadeCompute.clearServerTags, async (ctx, { params }) => {
    await change(ctx, params.id, () => []);
  }),
  endpoint(facadeCompute.showServerTag, async (ctx, { params: { id, tag } }) => {
    if (!(await server(ctx, id)).tags.includes(tag)) throw noTag(id, tag);
  }),
  endpoint(facadeCompute.addServerTag, async (ctx, { params: { id, tag } }) => {
    await server(ctx, id);
    demandTag(tag);
    let added = false;
    await change(ctx, id, (tags) => {
      if (tags.includes(tag)) return tags;
      if (tags.length >= MAX_SERVER_TAGS)
        throw faceFault('invalid', `The number of tags exceeded the per-server limit ${MAX_SERVER_TAGS}`);
      added = true;
      return [...tags, tag];
    });
    if (!added) return new Reply(undefined, { status: 204 });
    const path = `/compute/v2.1/servers/${id}/tags/${encodeURIComponent(tag)}`;
    return new Reply(undefined, { headers: { Location: publicUrl(ctx, path) } });
  }),
  endpoint(facadeCompute.removeServerTag, async (ctx, { params: { id, tag } }) => {
    await change(ctx, id, (tags) => {
      if (!tags.includes(tag)) throw noTag(id, tag);
      return tags.filter((one) => one !== tag);
    });
  }),
];
