import { facadeVolume } from '@nefos/contracts';
import { endpointFor, Fault, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { isTrue, queryBoolean, type FaceQuery } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { inOne } from '../../facade/domain/in-one.js';
import { regionOfZone } from '../../facade/domain/regions.js';
import { clientOf, demandAdmin, scopeOf } from '../../facade/domain/scope.js';
import { getImage } from '../../catalog/domain/images.js';
import { getBackup } from '../../volumes/domain/backups.js';
import { changeVolumeMetadata } from '../../volumes/domain/labels.js';
import { getSnapshot } from '../../volumes/domain/snapshots.js';
import {
  changeVolume,
  createVolume,
  deleteVolume,
  deleteWithSnapshots,
  getVolume,
} from '../../volumes/domain/volumes.js';
import { nameable, rowOf, summaryOf, volumeList, type VolumeRow } from '../domain/pages.js';
import { inCinderWords } from '../domain/cinder-words.js';
import {
  bootableFilter,
  EVERYTHING,
  idFilter,
  NOTHING,
  numberFilter,
  quotaFilter,
  textFilter,
  timeFilter,
  wordsFilter,
  type FilterSet,
} from './filters.js';
import { allAsked, listBody } from './lists.js';
import { demandKeys } from './metadata.js';
import { absentNow, demandSince, refuseAbsent, unexpected } from './refuse.js';
import { shortVolume, statusNamed, volumeView } from './views.js';
import type { z } from 'zod';

const endpoint = endpointFor<ComputeCtx>();
/** What images of a volume say, beside what was said of them. */
const IMAGE_WORDS = `(jsonb_strip_nulls(jsonb_build_object('image_id', x.image_id, 'image_name', x.image_name))
  || x.image_metadata)`;
export const VOLUME_FILTERS: FilterSet = {
  all: {
    name: textFilter('x.name'),
    display_name: textFilter('x.name'),
    description: textFilter('x.description'),
    status: (value, ctx) => textFilter('x.status')(statusNamed(value), ctx),
    id: idFilter('x.id'),
    metadata: wordsFilter('metadata'),
    glance_metadata: wordsFilter('glance_metadata', IMAGE_WORDS),
    bootable: bootableFilter,
    availability_zone: textFilter('x.region_id'),
    volume_type_id: idFilter('x.type_id'),
    volume_type: textFilter('t.name'),
    snapshot_id: idFilter('x.source_snapshot_id'),
    source_volid: idFilter('x.source_volume_id'),
    size: numberFilter('x.size_gb'),
    multiattach: (value) => (isTrue(value) ? NOTHING : EVERYTHING),
    encryption_key_id: () => NOTHING,
    migration_status: () => NOTHING,
    group_id: () => NOTHING,
    consumes_quota: quotaFilter,
    created_at: timeFilter('x.created_at'),
    updated_at: timeFilter('x.updated_at'),
  },
  open: [
    'name',
    'status',
    'metadata',
    'glance_metadata',
    'bootable',
    'migration_status',
    'availability_zone',
    'group_id',
    'size',
    'created_at',
    'updated_at',
    'consumes_quota',
  ],
  later: { glance_metadata: 4, group_id: 10, created_at: 60, updated_at: 60, consumes_quota: 65 },
  parts: { name: 'x.name', description: 'x.description', status: 'x.status', availability_zone: 'x.region_id' },
};
export const ofVolume = <T>(id: string, work: () => Promise<T>): Promise<T> =>
  named(work, `Volume ${id} could not be found.`);
/** The volume of a path. @throws Fault not_found */
export const volumeRow = (ctx: ComputeRequest, id: string): Promise<VolumeRow> =>
  ofVolume(id, () => rowOf<VolumeRow>(ctx, volumeList, id, nameable(ctx)));
const shown = async (ctx: ComputeRequest, id: string) => ({ volume: volumeView(ctx, await volumeRow(ctx, id)) });
const listed = (ctx: ComputeRequest, input: { req: Request; query: FaceQuery }, whole: boolean) =>
  listBody<VolumeRow>(ctx, input, {
    spec: volumeList,
    filters: VOLUME_FILTERS,
    key: 'volumes',
    word: 'Volume',
    path: `/volume/v3/volumes${whole ? '/detail' : ''}`,
    view: (row) => (whole ? volumeView(ctx, row) : shortVolume(ctx, row)),
  });

type NewVolume = z.infer<typeof facadeVolume.createVolume.body>['volume'];
/** The region of what a new volume is made of; undefined: it is blank. @throws Fault invalid, not_found */
const regionOfSource = async (ctx: ComputeRequest, v: NewVolume): Promise<string | undefined> => {
  const image = v.imageRef ?? v.image_id;
  const { snapshot_id: snapshot, source_volid: volume, backup_id: backup } = v;
  if (snapshot)
    return (await named(() => getSnapshot(ctx, snapshot), `Snapshot ${snapshot} could not be found.`)).regionId;
  if (volume) return (await ofVolume(volume, () => getVolume(ctx, volume))).regionId;
  if (backup) return (await named(() => getBackup(ctx, backup), `Backup ${backup} could not be found.`)).regionId;
  if (!image) return undefined;
  try {
    return (await getImage(ctx, image)).regionId;
  } catch (err) {
    if (!(err instanceof Fault && err.kind === 'not_found')) throw err;
    throw faceFault('invalid', 'Invalid image identifier or unable to access requested image.');
  }
};
/** The zone that is named, else the region of the source, else the first one with volumes. */
const regionFor = async (ctx: ComputeRequest, v: NewVolume): Promise<string> => {
  const source = await regionOfSource(ctx, v);
  const zone = v.availability_zone === 'nova' ? null : v.availability_zone;
  return zone || source === undefined ? regionOfZone(ctx, zone, { volumes: true }) : source;
};
/** From 3.53 only what the API has is taken; before, the rest is not heard. */
const demandStrict = (ctx: ComputeRequest, v: NewVolume): void => {
  const foreign = Object.keys(v).find((field) => !facadeVolume.volumeFields.has(field));
  if (foreign !== undefined && since(ctx, 53)) throw unexpected(foreign);
};
const made = async (ctx: ComputeRequest, v: NewVolume) => {
  demandStrict(ctx, v);
  if (isTrue(v.multiattach))
    refuseAbsent('a volume is attached to one server at a time: multiattach is not supported.');
  const group = v.consistencygroup_id ?? v.group_id;
  if (group) absentNow('Group', group);
  const backup = v.backup_id;
  if (backup && !since(ctx, 47))
    refuseAbsent('a volume is made of a backup from microversion 3.47; before that, restore the backup.');
  const { volume } = await inCinderWords(async () =>
    createVolume(
      ctx,
      {
        region: await regionFor(ctx, v),
        name: v.name ?? v.display_name ?? '',
        description: v.description ?? v.display_description ?? null,
        size: v.size === null || v.size === undefined ? null : Number(v.size),
        type: v.volume_type || null,
        deleteProtection: false,
        source: {
          image: v.imageRef || v.image_id || null,
          snapshot: v.snapshot_id || null,
          volume: v.source_volid || null,
          backup: backup || null,
        },
        metadata: demandKeys(v.metadata ?? {}),
      },
      scopeOf(ctx).admin ? { client: clientOf(ctx) } : { acting: String(clientOf(ctx)) },
    ),
  );
  return shown(ctx, volume.id);
};

export const volumeEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(facadeVolume.detailVolumes, (ctx, input) => listed(ctx, input, true)),
  endpoint(facadeVolume.summariseVolumes, async (ctx, { query }) => {
    demandSince(ctx, 12);
    const { count, size, metadata } = await summaryOf(ctx, allAsked(ctx, query));
    return { 'volume-summary': { total_count: count, total_size: size, ...(since(ctx, 36) && { metadata }) } };
  }),
  endpoint(facadeVolume.listVolumes, (ctx, input) => listed(ctx, input, false)),
  endpoint(facadeVolume.showVolume, (ctx, { params }) => shown(ctx, params.id)),
  endpoint(facadeVolume.createVolume, (ctx, { body }) => made(ctx, body.volume)),
  endpoint(facadeVolume.updateVolume, async (ctx, { params: { id }, body: { volume: v } }) => {
    if (Object.keys(v).length === 0 && since(ctx, 53))
      throw faceFault(
        'invalid',
        'Invalid input for field/attribute volume. Value: {}. {} does not have enough properties',
      );
    const name = v.name ?? v.display_name;
    const description = v.description === undefined ? v.display_description : v.description;
    await ofVolume(id, () =>
      inOne(ctx, async (one) => {
        await changeVolume(one, id, { name: name ?? undefined, description });
        const { metadata } = v;
        if (metadata) await changeVolumeMetadata(one, id, () => demandKeys(metadata));
      }),
    );
    return shown(ctx, id);
  }),
  endpoint(facadeVolume.deleteVolume, async (ctx, { params: { id }, query }) => {
    if (since(ctx, 23) && queryBoolean(query, 'force')) demandAdmin(ctx);
    const cascade = queryBoolean(query, 'cascade') ?? false;
    await ofVolume(id, () => (cascade ? deleteWithSnapshots(ctx, id) : deleteVolume(ctx, id).then(() => undefined)));
  }),
];
