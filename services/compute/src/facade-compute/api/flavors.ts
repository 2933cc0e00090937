import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { nextLinks, publicUrl } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { scopeOf } from '../../facade/domain/scope.js';
import { projectOfWire, projectOnWire } from '../../facade/project-ids.js';
import type { Condition } from '../../lists/list-query.js';
import * as flavors from '../domain/flavors.js';
import { markerRequest, unknownMarker } from './list-request.js';
import { demandFieldsOf, demandKnownQuery } from './newer-fields.js';

const endpoint = endpointFor<ComputeCtx>();

const linksOf = (ctx: ComputeRequest, id: string) => [
  { rel: 'self', href: publicUrl(ctx, `/compute/v2.1/flavors/${id}`) },
  { rel: 'bookmark', href: publicUrl(ctx, `/compute/flavors/${id}`) },
];
const specsOf = ({ properties }: flavors.FlavorRow): flavors.Specs =>
  Object.fromEntries(Object.entries(properties).map(([name, value]) => [name, String(value)]));
const view = (ctx: ComputeRequest, f: flavors.FlavorRow) => ({
  id: f.id,
  name: f.name,
  ram: f.memoryMb,
  disk: f.rootGb,
  vcpus: f.vcpus,
  swap: f.swapMb || (since(ctx, 75) ? 0 : ''),
  'OS-FLV-EXT-DATA:ephemeral': f.ephemeralGb,
  'OS-FLV-DISABLED:disabled': f.disabled,
  'os-flavor-access:is_public': f.isPublic,
  rxtx_factor: 1.0,
  links: linksOf(ctx, f.id),
  ...(since(ctx, 55) && { description: f.description }),
  ...(since(ctx, 61) && { extra_specs: specsOf(f) }),
});

const KNOWN = ['limit', 'marker', 'sort_key', 'sort_dir', 'is_public', 'minRam', 'minDisk'];
const least = (query: FaceQuery, name: string, column: string): Condition[] => {
  const text = queryText(query, name);
  if (text === undefined) return [];
  if (!/^\d{1,9}$/.test(text)) throw faceFault('invalid', `Invalid ${name} filter [${text.slice(0, 50)}]`);
  return [{ sql: `${column} >= $::int`, values: [Number(text)] }];
};
/** `None`: public and private ones, for administrators; others are always shown what they may use. */
const byAccess = (ctx: ComputeRequest, query: FaceQuery): Condition[] => {
  const text = queryText(query, 'is_public') ?? 'true';
  if (!/^(none|true|false|t|f|yes|no|y|n|on|off|1|0)$/i.test(text))
    throw faceFault('invalid', `Invalid is_public filter [${text.slice(0, 50)}]`);
  if (/^none$/i.test(text) || !scopeOf(ctx).admin) return [];
  return [{ sql: `f.is_public = $::boolean`, values: [/^(true|t|yes|y|on|1)$/i.test(text)] }];
};
const pageOf = async (ctx: ComputeRequest, query: FaceQuery) => {
  demandKnownQuery(ctx, query, KNOWN);
  const request = markerRequest(query, {
    keyOf: flavors.flavorSortKey,
    standard: [],
    conditions: [
      ...byAccess(ctx, query),
      ...least(query, 'minRam', 'f.memory_mb'),
      ...least(query, 'minDisk', 'f.root_gb'),
    ],
  });
  const page = await flavors.listFlavors(ctx, request);
  if (page === 'no_marker') throw unknownMarker(request.marker);
  return page;
};
const next = (ctx: ComputeRequest, req: Request, path: string, page: { rows: { id: string }[]; more: boolean }) => {
  const last = page.rows.at(-1);
  return page.more && last ? { flavors_links: nextLinks(ctx, req, path, last.id) } : {};
};
const ofFlavor = <T>(id: string, work: () => Promise<T>): Promise<T> => named(work, `Flavor ${id} could not be found.`);

const flavorEndpoints = [
  endpoint(facadeCompute.listFlavorsDetail, async (ctx, { req, query }) => {
    const page = await pageOf(ctx, query);
    return { flavors: page.rows.map((one) => view(ctx, one)), ...next(ctx, req, '/compute/v2.1/flavors/detail', page) };
  }),
  endpoint(facadeCompute.listFlavors, async (ctx, { req, query }) => {
    const page = await pageOf(ctx, query);
    return {
      flavors: page.rows.map(({ id, name, description }) => ({
        id,
        name,
        links: linksOf(ctx, id),
        ...(since(ctx, 55) && { description }),
      })),
      ...next(ctx, req, '/compute/v2.1/flavors', page),
    };
  }),
  endpoint(facadeCompute.showFlavor, async (ctx, { params: { id } }) => ({
    flavor: view(ctx, await ofFlavor(id, () => flavors.getFlavor(ctx, id))),
  })),
  endpoint(facadeCompute.createFlavor, async (ctx, { body: { flavor: b } }) => {
    demandFieldsOf(ctx, b, { description: 55 }, 'flavor');
    if (b.id !== undefined && b.id !== null && b.id !== 'auto')
      throw faceFault('invalid', 'Ids of flavors are made here: leave the id out, or give "auto".');
    const made = await flavors.makeFlavor(ctx, {
      name: b.name,
      description: b.description ?? null,
      vcpus: b.vcpus,
      memoryMb: b.ram,
      rootGb: b.disk,
      ephemeralGb: b['OS-FLV-EXT-DATA:ephemeral'] ?? 0,
      swapMb: b.swap ?? 0,
      isPublic: b['os-flavor-access:is_public'] ?? true,
    });
    return { flavor: view(ctx, made) };
  }),
  endpoint(facadeCompute.updateFlavor, async (ctx, { params: { id }, body }) => {
    if (!since(ctx, 55)) throw faceFault('not_found', 'The resource could not be found.');
    await ofFlavor(id, () => flavors.describeFlavor(ctx, id, body.flavor.description));
    return { flavor: view(ctx, await ofFlavor(id, () => flavors.getFlavor(ctx, id))) };
  }),
  endpoint(facadeCompute.deleteFlavor, async (ctx, { params: { id } }) => {
    await ofFlavor(id, () => flavors.dropFlavor(ctx, id));
  }),
];

const noSpec = (id: string, key: string) =>
  faceFault('not_found', `Flavor ${id} has no extra specs with key ${key.slice(0, 255)}.`);
/** Numbers become texts. */
const specsSent = (sent: Readonly<Record<string, string | number>>): flavors.Specs =>
  Object.fromEntries(Object.entries(sent).map(([key, value]) => [key, String(value)]));
const specEndpoints = [
  endpoint(facadeCompute.listSpecs, async (ctx, { params: { id } }) => ({
    extra_specs: specsOf(await ofFlavor(id, () => flavors.getFlavor(ctx, id))),
  })),
  endpoint(facadeCompute.addSpecs, async (ctx, { params: { id }, body }) => {
    const specs = specsSent(body.extra_specs);
    await ofFlavor(id, () => flavors.changeSpecs(ctx, id, (before) => ({ ...before, ...specs })));
    return { extra_specs: specs };
  }),
  endpoint(facadeCompute.showSpec, async (ctx, { params: { id, key } }) => {
    const specs = specsOf(await ofFlavor(id, () => flavors.getFlavor(ctx, id)));
    if (!Object.hasOwn(specs, key)) throw noSpec(id, key);
    return { [key]: specs[key] };
  }),
  endpoint(facadeCompute.setSpec, async (ctx, { params: { id, key }, body }) => {
    const specs = specsSent(body);
    if (Object.keys(specs).join('\n') !== key) throw faceFault('invalid', 'Request body and URI mismatch');
    await ofFlavor(id, () => flavors.changeSpecs(ctx, id, (before) => ({ ...before, ...specs })));
    return specs;
  }),
  endpoint(facadeCompute.removeSpec, async (ctx, { params: { id, key } }) => {
    await ofFlavor(id, () =>
      flavors.changeSpecs(ctx, id, (before) => {
        if (!Object.hasOwn(before, key)) throw noSpec(id, key);
        const { [key]: _gone, ...rest } = before;
        return rest;
      }),
    );
  }),
];
const accessView = (id: string, projectIds: readonly string[]) => ({
  flavor_access: projectIds.map((project) => ({ flavor_id: id, tenant_id: projectOnWire(project) })),
});
const accessEndpoints = [
  endpoint(facadeCompute.listFlavorAccess, async (ctx, { params: { id } }) => {
    const { isPublic, projectIds } = await ofFlavor(id, () => flavors.projectsOfFlavor(ctx, id));
    if (isPublic) throw faceFault('not_found', 'Access list not available for public flavors.');
    return accessView(id, projectIds);
  }),
  endpoint(facadeCompute.changeFlavorAccess, async (ctx, { params: { id }, body }) => {
    const { addTenantAccess: added, removeTenantAccess: removed } = body;
    const named = added ?? removed;
    if (!named || (added && removed))
      throw faceFault('invalid', 'The body names one action: addTenantAccess or removeTenantAccess.');
    const project = projectOfWire(named.tenant);
    if (project === undefined) throw faceFault('invalid', `Project ID ${named.tenant} is not a valid project.`);
    await ofFlavor(id, () =>
      flavors.changeAccess(ctx, id, ({ projectIds: before, isPublic }) => {
        if (added && isPublic && since(ctx, 7)) throw faceFault('conflict', 'Can not add access to a public flavor.');
        if (added && before.includes(project))
          throw faceFault(
            'conflict',
            `Flavor access already exists for flavor ${id} and project ${named.tenant} combination.`,
          );
        if (removed && !before.includes(project))
          throw faceFault('not_found', `Flavor access not found for ${id} / ${named.tenant} combination.`);
        return added ? [...before, project] : before.filter((one) => one !== project);
      }),
    );
    return accessView(id, (await flavors.projectsOfFlavor(ctx, id)).projectIds);
  }),
];
export const flavorsEndpoints = [...flavorEndpoints, ...specEndpoints, ...accessEndpoints];
