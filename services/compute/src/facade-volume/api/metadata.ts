import { createHash } from 'node:crypto';
import { facadeVolume } from '@nefos/contracts';
import { endpointFor, Reply, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { faceFault, named } from '../../facade/api/refused.js';
import {
  changeSnapshotMetadata,
  changeVolumeMetadata,
  type LabelChange,
  type Labels,
} from '../../volumes/domain/labels.js';
import { getSnapshot } from '../../volumes/domain/snapshots.js';
import { getVolume } from '../../volumes/domain/volumes.js';
import { unexpected } from './refuse.js';

const endpoint = endpointFor<ComputeCtx>();
const missing = (id: string, key: string): Error =>
  faceFault('not_found', `Metadata item was not found: ${key} of ${id}.`);

const KEY = /^[\w\-:. /]{1,255}$/;
/** Of extra specs that come by themselves. */
export const SPEC = /^[\w\-:.]{1,255}$/;
/** Words with names that Cinder takes. @throws Fault invalid */
export const demandKeys = (labels: Labels, form = KEY): Labels => {
  for (const key of Object.keys(labels)) {
    if (!form.test(key)) throw unexpected(key);
    if (key.trim() === '') throw faceFault('invalid', 'Metadata property key blank.');
  }
  return labels;
};
const without = (labels: Labels, key: string): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([one]) => one !== key));

/** The digest of metadata (3.15). Names are in one order, however they were sent. */
const tagOf = (metadata: Labels): string => {
  const sorted = Object.fromEntries(Object.entries(metadata).sort(([a], [b]) => (a < b ? -1 : 1)));
  return createHash('md5')
    .update(JSON.stringify({ metadata: sorted }))
    .digest('hex');
};
const unquoted = (tag: string): string => tag.trim().replace(/^W\//, '').replaceAll('"', '');
/** Whether `If-Match` allows a change of what is there: asked while the row is locked. @throws Fault precondition */
const demandMatch = (ctx: ComputeRequest, req: Request, metadata: Labels): void => {
  const wanted = since(ctx, 15) ? req.get('if-match') : undefined;
  if (wanted === undefined || wanted.trim() === '' || wanted.trim() === '*') return;
  if (!wanted.split(',').some((one) => unquoted(one) === tagOf(metadata)))
    throw faceFault('precondition', 'The metadata has changed since it was read.');
};

interface Kind {
  word: string;
  /** Whether its metadata has an `ETag`. */
  tagged: boolean;
  get: (ctx: ComputeRequest, id: string) => Promise<{ metadata: Labels }>;
  change: (ctx: ComputeRequest, id: string, change: LabelChange) => Promise<Labels>;
}
const endpointsOf = (
  at: typeof facadeVolume.volumeMetadata | typeof facadeVolume.snapshotMetadata,
  { word, tagged, get, change }: Kind,
): Endpoint<ComputeCtx>[] => {
  const of = <T>(id: string, work: () => Promise<T>): Promise<T> => named(work, `${word} ${id} could not be found.`);
  const read = (ctx: ComputeRequest, id: string): Promise<Labels> => of(id, async () => (await get(ctx, id)).metadata);
  const match = (ctx: ComputeRequest, req: Request, old: Labels): Labels => {
    if (tagged) demandMatch(ctx, req, old);
    return old;
  };
  return [
    endpoint(at.list, async (ctx, { params: { id } }) => {
      const metadata = await read(ctx, id);
      return new Reply({ metadata }, tagged && since(ctx, 15) ? { headers: { ETag: tagOf(metadata) } } : {});
    }),
    endpoint(at.add, async (ctx, { params: { id }, body }) => {
      const added = demandKeys(body.metadata);
      return { metadata: await of(id, () => change(ctx, id, (old) => ({ ...old, ...added }))) };
    }),
    endpoint(at.replace, async (ctx, { req, params: { id }, body }) => {
      const all = demandKeys(body.metadata);
      return {
        metadata: await of(id, () =>
          change(ctx, id, (old) => {
            match(ctx, req, old);
            return all;
          }),
        ),
      };
    }),
    endpoint(at.show, async (ctx, { params: { id, key } }) => {
      const labels = await read(ctx, id);
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      if (value === undefined) throw missing(id, key);
      return { meta: { [key]: value } };
    }),
    endpoint(at.set, async (ctx, { req, params: { id, key }, body }) => {
      const meta = demandKeys(body.meta);
      if (Object.keys(meta).length !== 1 || !Object.hasOwn(meta, key))
        throw faceFault('invalid', 'Request body and URI mismatch');
      await of(id, () => change(ctx, id, (old) => ({ ...match(ctx, req, old), ...meta })));
      return { meta };
    }),
    endpoint(at.remove, async (ctx, { params: { id, key } }) => {
      await of(id, () =>
        change(ctx, id, (old) => {
          if (!Object.hasOwn(old, key)) throw missing(id, key);
          return without(old, key);
        }),
      );
    }),
  ];
};
export const metadataEndpoints: Endpoint<ComputeCtx>[] = [
  ...endpointsOf(facadeVolume.volumeMetadata, {
    word: 'Volume',
    tagged: true,
    get: getVolume,
    change: changeVolumeMetadata,
  }),
  ...endpointsOf(facadeVolume.snapshotMetadata, {
    word: 'Snapshot',
    tagged: false,
    get: getSnapshot,
    change: changeSnapshotMetadata,
  }),
];
