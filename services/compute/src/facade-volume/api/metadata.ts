import { facadeVolume } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { faceFault } from '../../facade/api/refused.js';
import { named } from '../../facade/api/refused.js';
import {
  changeSnapshotMetadata,
  changeVolumeMetadata,
  type LabelChange,
  type Labels,
} from '../../volumes/domain/labels.js';
import { getSnapshot } from '../../volumes/domain/snapshots.js';
import { getVolume } from '../../volumes/domain/volumes.js';

const endpoint = endpointFor<ComputeCtx>();
const missing = (id: string, key: string): Error =>
  faceFault('not_found', `Metadata item was not found: ${key} of ${id}.`);

export const demandKeys = (labels: Labels): Labels => {
  for (const key of Object.keys(labels))
    if (key.trim() === '' || key.length > 255)
      throw faceFault('invalid', 'Metadata property key blank, or greater than 255 characters.');
  return labels;
};
const without = (labels: Labels, key: string): Labels =>
  Object.fromEntries(Object.entries(labels).filter(([one]) => one !== key));

interface Kind {
  word: string;
  get: (ctx: ComputeRequest, id: string) => Promise<{ metadata: Labels }>;
  change: (ctx: ComputeRequest, id: string, change: LabelChange) => Promise<Labels>;
}
const endpointsOf = (
  at: typeof facadeVolume.volumeMetadata | typeof facadeVolume.snapshotMetadata,
  { word, get, change }: Kind,
): Endpoint<ComputeCtx>[] => {
  const of = <T>(id: string, work: () => Promise<T>): Promise<T> => named(work, `${word} ${id} could not be found.`);
  const read = (ctx: ComputeRequest, id: string): Promise<Labels> => of(id, async () => (await get(ctx, id)).metadata);
  return [
    endpoint(at.list, async (ctx, { params: { id } }) => ({ metadata: await read(ctx, id) })),
    endpoint(at.add, async (ctx, { params: { id }, body }) => {
      const added = demandKeys(body.metadata);
      return { metadata: await of(id, () => change(ctx, id, (old) => ({ ...old, ...added }))) };
    }),
    endpoint(at.replace, async (ctx, { params: { id }, body }) => {
      const all = demandKeys(body.metadata);
      return { metadata: await of(id, () => change(ctx, id, () => all)) };
    }),
    endpoint(at.show, async (ctx, { params: { id, key } }) => {
      const labels = await read(ctx, id);
      const value = Object.hasOwn(labels, key) ? labels[key] : undefined;
      if (value === undefined) throw missing(id, key);
      return { meta: { [key]: value } };
    }),
    endpoint(at.set, async (ctx, { params: { id, key }, body }) => {
      const meta = demandKeys(body.meta);
      if (Object.keys(meta).length !== 1 || !Object.hasOwn(meta, key))
        throw faceFault('invalid', 'Request body and URI mismatch');
      await of(id, () => change(ctx, id, (old) => ({ ...old, ...meta })));
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
  ...endpointsOf(facadeVolume.volumeMetadata, { word: 'Volume', get: getVolume, change: changeVolumeMetadata }),
  ...endpointsOf(facadeVolume.snapshotMetadata, { word: 'Snapshot', get: getSnapshot, change: changeSnapshotMetadata }),
];
