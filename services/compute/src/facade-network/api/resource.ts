import type { facadeNetwork } from '@nefos/contracts';
import { endpointFor, Reply, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { inOne } from '../../facade/domain/in-one.js';
import { inNeutronWords } from '../domain/neutron-words.js';
import {
  changeTags,
  getResource,
  getResources,
  listResources,
  tagsOf,
  type ResourceStore,
} from '../domain/resources.js';
import { readAttributes, unwrap } from './attributes.js';
import { listRequest, pageLinks, withFields } from './list-query.js';
import { z } from 'zod';
import { boundedArray } from '@nefos/contracts';

const endpoint = endpointFor<ComputeCtx>();

/** One kind of thing of the network API. */
export interface Resource<Row extends { id: string }> {
  contracts: (typeof facadeNetwork)['networks'] | Contracts;
  singular: string;
  plural: string;
  /** Neutron's type of its absence, e.g. `NetworkNotFound`, and the sentence. */
  absent: { type: string; message: (id: string) => string };
  store: ResourceStore;
  view: (ctx: ComputeRequest, row: Row) => Record<string, unknown>;
  /** @returns the new id */
  create: (ctx: ComputeRequest, attributes: unknown) => Promise<string>;
  update: (ctx: ComputeRequest, id: string, attributes: unknown, row: Row) => Promise<void>;
  remove: (ctx: ComputeRequest, id: string, row: Row) => Promise<void>;
}
type Contracts =
  | (typeof facadeNetwork)['subnets']
  | (typeof facadeNetwork)['ports']
  | (typeof facadeNetwork)['routers']
  | (typeof facadeNetwork)['floatingIps']
  | (typeof facadeNetwork)['securityGroups']
  | (typeof facadeNetwork)['securityGroupRules'];

const tag = z.string().min(1).max(255);
const tagList = z.strictObject({ tags: boundedArray(tag, 50) });

/** The endpoints that every kind has: lists, one by one, tags. */
export const resourceEndpoints = <Row extends { id: string }>(r: Resource<Row>): Endpoint<ComputeCtx>[] => {
  const at = r.contracts as (typeof facadeNetwork)['networks'];
  const of = <T>(id: string, work: () => Promise<T>, given?: unknown): Promise<T> =>
    named(() => inNeutronWords(work, { id, given }), r.absent.message(id), r.absent.type);
  const create = (ctx: ComputeRequest, given: unknown): Promise<string> =>
    inNeutronWords(() => r.create(ctx, given), { given });
  const get = (ctx: ComputeRequest, id: string): Promise<Row> => getResource<Row>(ctx, r.store, id);
  const show = async (ctx: ComputeRequest, id: string) => r.view(ctx, await get(ctx, id));
  const noTag = (name: string) => faceFault('not_found', `Tag ${name} could not be found.`, 'TagNotFound');
  const path = at.list.path;
  return [
    endpoint(at.list, async (ctx, { req, query }) => {
      const request = listRequest(query, r.store, { admin: scopeOf(ctx).admin, isPort: r.singular === 'port' });
      const page = await listResources<Row>(ctx, r.store, request);
      if (page === 'no_marker')
        throw faceFault('invalid', `The marker '${request.marker ?? ''}' is not there`, 'HTTPBadRequest');
      const rows = request.back ? page.rows.reverse() : page.rows;
      const links = pageLinks(ctx, req, { path, rows, more: page.more, back: request.back });
      return {
        [r.plural]: rows.map((row) => withFields(query, r.view(ctx, row))),
        ...(links.length && { [`${r.plural}_links`]: links }),
      };
    }),
    endpoint(at.create, async (ctx, { body }) => {
      const given = unwrap(body, r);
      if ('one' in given) {
        const id = await create(ctx, given.one);
        return { [r.singular]: await show(ctx, id) };
      }
      const ids = await inOne(ctx, async (joint) => {
        const made: string[] = [];
        for (const one of given.several) made.push(await create(joint, one));
        return made;
      });
      return { [r.plural]: (await getResources<Row>(ctx, r.store, ids)).map((row) => r.view(ctx, row)) };
    }),
    endpoint(at.show, async (ctx, { params: { id }, query }) => ({
      [r.singular]: withFields(query, await of(id, () => show(ctx, id))),
    })),
    endpoint(at.update, async (ctx, { params: { id }, body }) => {
      const given = unwrap(body, r);
      if (!('one' in given))
        throw faceFault('invalid', `Unable to find '${r.singular}' in request body`, 'HTTPBadRequest');
      return of(
        id,
        async () => {
          await r.update(ctx, id, given.one, await get(ctx, id));
          return { [r.singular]: await show(ctx, id) };
        },
        given.one,
      );
    }),
    endpoint(at.remove, async (ctx, { params: { id } }) => {
      await of(id, async () => r.remove(ctx, id, await get(ctx, id)));
    }),
    endpoint(at.tags, async (ctx, { params: { id } }) => ({ tags: await of(id, () => tagsOf(ctx, r.store, id)) })),
    endpoint(at.replaceTags, async (ctx, { params: { id }, body }) => {
      const { tags } = readAttributes(tagList, body);
      return { tags: await of(id, () => changeTags(ctx, r.store, id, () => [...new Set(tags)])) };
    }),
    endpoint(at.removeTags, async (ctx, { params: { id } }) => {
      await of(id, () => changeTags(ctx, r.store, id, () => []));
    }),
    endpoint(at.hasTag, async (ctx, { params: { id, tag: name } }) => {
      if (!(await of(id, () => tagsOf(ctx, r.store, id))).includes(name)) throw noTag(name);
    }),
    endpoint(at.addTag, async (ctx, { params: { id, tag: name } }) => {
      await of(id, () =>
        changeTags(ctx, r.store, id, (before) => {
          if (before.length >= 50) throw faceFault('invalid', 'A thing has at most 50 tags.', 'HTTPBadRequest');
          return before.includes(name) ? [...before] : [...before, name];
        }),
      );
      return new Reply(undefined);
    }),
    endpoint(at.removeTag, async (ctx, { params: { id, tag: name } }) => {
      await of(id, () =>
        changeTags(ctx, r.store, id, (before) => {
          if (!before.includes(name)) throw noTag(name);
          return before.filter((one) => one !== name);
        }),
      );
    }),
  ];
};
