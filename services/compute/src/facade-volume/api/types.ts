import { facadeVolume } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { isTrue } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { inOne } from '../../facade/domain/in-one.js';
import { regionOfZone } from '../../facade/domain/regions.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { changeExtraSpecs, type LabelChange } from '../../volumes/domain/labels.js';
import { changeType, createType, removeType } from '../../volumes/domain/types.js';
import { rowOf, typeList, typesInView, type TypeRow } from '../domain/pages.js';
import { inTypeWords } from '../domain/cinder-words.js';
import { EVERYTHING, NOTHING, textFilter, wordsOf, type Filter, type FilterSet } from './filters.js';
import { listBody } from './lists.js';
import { demandKeys, SPEC } from './metadata.js';
import { refuseAbsent } from './refuse.js';
import { specsView, typeView } from './views.js';

const endpoint = endpointFor<ComputeCtx>();
const of = <T>(id: string, work: () => Promise<T>): Promise<T> => named(work, `Volume type ${id} could not be found.`);
const rowOfType = (ctx: ComputeRequest, id: string): Promise<TypeRow> =>
  of(id, () => rowOf<TypeRow>(ctx, typeList, id, typesInView(ctx)));
const shown = async (ctx: ComputeRequest, id: string) => ({ volume_type: typeView(ctx, await rowOfType(ctx, id)) });
const change = async (ctx: ComputeRequest, id: string, how: LabelChange) => {
  demandAdmin(ctx);
  return of(id, () => changeExtraSpecs(ctx, id, how));
};
const missing = (id: string, key: string): Error =>
  faceFault('not_found', `Volume Type ${id} has no extra specs with key ${key}.`);
/** Specs that end users do not see name no type for them. */
const specsFilter: Filter = (text, ctx) => {
  const specs = wordsOf('extra_specs', text);
  const hidden = Object.keys(specs).length !== Object.keys(specsView(ctx, specs)).length;
  return hidden ? NOTHING : { sql: 'x.extra_specs @> $::jsonb', values: [JSON.stringify(specs)] };
};
export const TYPE_FILTERS: FilterSet = {
  all: {
    // `None`: both kinds, as far as the caller sees them.
    is_public: (value, ctx) =>
      !ctx.scope?.admin || /^none$/i.test(value)
        ? EVERYTHING
        : { sql: 'x.is_public = $::boolean', values: [isTrue(value)] },
    extra_specs: specsFilter,
    name: textFilter('x.name'),
  },
  open: ['is_public', 'extra_specs'],
  later: { extra_specs: 52 },
  strictSince: 52,
};

export const typeEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(facadeVolume.listTypes, (ctx, input) =>
    listBody<TypeRow>(ctx, input, {
      spec: typeList,
      filters: TYPE_FILTERS,
      key: 'volume_types',
      linksKey: 'volume_type_links',
      word: 'Volume type',
      path: '/volume/v3/types',
      view: (row) => typeView(ctx, row),
      scope: typesInView(ctx),
    }),
  ),
  endpoint(facadeVolume.showDefaultType, () => {
    throw faceFault('not_found', 'Default volume type can not be found.');
  }),
  endpoint(facadeVolume.showType, (ctx, { params }) => shown(ctx, params.id)),
  endpoint(facadeVolume.createType, async (ctx, { body: { volume_type: t } }) => {
    demandAdmin(ctx);
    const { 'os-volume-type-access:is_public': open = true, extra_specs: specs } = t;
    const region = await regionOfZone(ctx, specs?.['RESKEY:availability_zones'], { volumes: true });
    const id = await inTypeWords(t.name, () =>
      inOne(ctx, async (one) => {
        const made = await createType(one, {
          region,
          name: t.name,
          description: t.description ?? '',
          isPublic: isTrue(open),
          backendName: null,
        });
        if (specs) await changeExtraSpecs(one, made.id, () => demandKeys(specs));
        return made.id;
      }),
    );
    return shown(ctx, id);
  }),
  endpoint(facadeVolume.updateType, async (ctx, { params: { id }, body: { volume_type: t } }) => {
    demandAdmin(ctx);
    const open = t.is_public;
    if ((t.name ?? t.description ?? open ?? null) === null)
      throw faceFault('invalid', 'Specify volume type name, description, is_public or a combination thereof.');
    await of(id, () =>
      inTypeWords(t.name ?? '', () =>
        changeType(ctx, id, {
          name: t.name ?? undefined,
          description: t.description ?? undefined,
          isPublic: open === undefined ? undefined : isTrue(open),
        }),
      ),
    );
    return shown(ctx, id);
  }),
  endpoint(facadeVolume.deleteType, async (ctx, { params: { id } }) => {
    demandAdmin(ctx);
    await of(id, () => removeType(ctx, id));
  }),
  endpoint(facadeVolume.actOnType, async (ctx, { params: { id } }) => {
    demandAdmin(ctx);
    await rowOfType(ctx, id);
    refuseAbsent('a volume type is for everybody, or for administrators: it is not given to projects.');
  }),
  endpoint(facadeVolume.listTypeAccess, async (ctx, { params: { id } }) => {
    demandAdmin(ctx);
    if ((await rowOfType(ctx, id)).isPublic)
      throw faceFault('not_found', 'Access list not available for public volume types.');
    return { volume_type_access: [] };
  }),
  endpoint(facadeVolume.showTypeEncryption, async (ctx, { params: { id } }) => {
    await rowOfType(ctx, id);
    return {};
  }),
  endpoint(facadeVolume.listExtraSpecs, async (ctx, { params: { id } }) => ({
    extra_specs: specsView(ctx, (await rowOfType(ctx, id)).extraSpecs),
  })),
  endpoint(facadeVolume.addExtraSpecs, async (ctx, { params: { id }, body }) => {
    await change(ctx, id, (old) => ({ ...old, ...demandKeys(body.extra_specs, SPEC) }));
    return { extra_specs: body.extra_specs };
  }),
  endpoint(facadeVolume.showExtraSpec, async (ctx, { params: { id, key } }) => {
    const specs = specsView(ctx, (await rowOfType(ctx, id)).extraSpecs);
    if (!Object.hasOwn(specs, key)) throw missing(id, key);
    return { [key]: specs[key] };
  }),
  endpoint(facadeVolume.setExtraSpec, async (ctx, { params: { id, key }, body }) => {
    if (Object.keys(body).length !== 1 || !Object.hasOwn(body, key))
      throw faceFault('invalid', 'Request body and URI mismatch');
    await change(ctx, id, (old) => ({ ...old, ...demandKeys(body, SPEC) }));
    return body;
  }),
  endpoint(facadeVolume.deleteExtraSpec, async (ctx, { params: { id, key } }) => {
    await change(ctx, id, (old) => {
      if (!Object.hasOwn(old, key)) throw missing(id, key);
      return Object.fromEntries(Object.entries(old).filter(([one]) => one !== key));
    });
  }),
];
