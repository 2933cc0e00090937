import { facadeVolume } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import { isTrue, type FaceQuery } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { changeSnapshot, createSnapshot, deleteSnapshot, resetSnapshot } from '../../volumes/domain/snapshots.js';
import { nameable, rowOf, snapshotList, type CopyRow } from '../domain/pages.js';
import { inCinderWords } from '../domain/cinder-words.js';
import {
  idFilter,
  numberFilter,
  quotaFilter,
  textFilter,
  wordsFilter,
  type Filters,
  type FilterSet,
} from './filters.js';
import { listBody } from './lists.js';
import { demandKeys } from './metadata.js';
import { refuseAbsent } from './refuse.js';
import { shortSnapshot, snapshotView } from './views.js';
import { volumeRow } from './volumes.js';

const endpoint = endpointFor<ComputeCtx>();
/** Filters of snapshots and of backups. */
export const COPY_FILTERS: Filters = {
  name: textFilter('x.name'),
  display_name: textFilter('x.name'),
  description: textFilter('x.description'),
  status: textFilter('x.status'),
  id: idFilter('x.id'),
  volume_id: idFilter('x.volume_id'),
  metadata: wordsFilter('metadata'),
  availability_zone: textFilter('x.region_id'),
  size: numberFilter('x.size_gb'),
  volume_size: numberFilter('x.size_gb'),
};
export const COPY_PARTS = { name: 'x.name', description: 'x.description', status: 'x.status' };
export const SNAPSHOT_FILTERS: FilterSet = {
  all: { ...COPY_FILTERS, consumes_quota: quotaFilter },
  open: ['name', 'status', 'volume_id', 'metadata', 'availability_zone', 'consumes_quota'],
  later: { metadata: 22, consumes_quota: 65 },
  parts: { ...COPY_PARTS, availability_zone: 'x.region_id' },
};
/** A status that staff set. @throws Fault invalid */
export const demandReset = (status: string): 'available' | 'error' => {
  if (status === 'available' || status === 'error') return status;
  throw faceFault('invalid', "Invalid input for field/attribute status. It can be set to 'available' or 'error'.");
};
const of = <T>(id: string, work: () => Promise<T>): Promise<T> => named(work, `Snapshot ${id} could not be found.`);
const shown = async (ctx: ComputeRequest, id: string) => ({
  snapshot: snapshotView(ctx, await of(id, () => rowOf<CopyRow>(ctx, snapshotList, id, nameable(ctx)))),
});
const listed = (ctx: ComputeRequest, input: { req: Request; query: FaceQuery }, whole: boolean) =>
  listBody<CopyRow>(ctx, input, {
    spec: snapshotList,
    filters: SNAPSHOT_FILTERS,
    nameSince: 30,
    key: 'snapshots',
    word: 'Snapshot',
    path: `/volume/v3/snapshots${whole ? '/detail' : ''}`,
    view: (row) => (whole ? snapshotView(ctx, row) : shortSnapshot(row)),
  });
/** Up to 3.65 an attached volume needs `force`; later it is of no use, and `false` is refused. @throws Fault invalid */
const demandForce = (
  ctx: ComputeRequest,
  status: string,
  { force, volume_id: id }: { force?: boolean | string | undefined; volume_id: string },
): void => {
  if (since(ctx, 66) && force !== undefined && !isTrue(force))
    throw faceFault(
      'invalid',
      "Since microversion 3.66 the 'force' flag is invalid for this request, unless it is true.",
    );
  if (status === 'in-use' && !since(ctx, 66) && !isTrue(force))
    throw faceFault('invalid', `Invalid volume: Volume ${id} status must be available, but current status is: in-use.`);
};

export const snapshotEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(facadeVolume.detailSnapshots, (ctx, input) => listed(ctx, input, true)),
  endpoint(facadeVolume.listSnapshots, (ctx, input) => listed(ctx, input, false)),
  endpoint(facadeVolume.showSnapshot, (ctx, { params }) => shown(ctx, params.id)),
  endpoint(facadeVolume.createSnapshot, async (ctx, { body: { snapshot: s } }) => {
    const { status } = await volumeRow(ctx, s.volume_id);
    demandForce(ctx, status, s);
    const { snapshot } = await inCinderWords(() =>
      createSnapshot(ctx, {
        volume: s.volume_id,
        name: s.name ?? s.display_name ?? '',
        description: s.description ?? null,
        metadata: demandKeys(s.metadata ?? {}),
      }),
    );
    return shown(ctx, snapshot.id);
  }),
  endpoint(facadeVolume.updateSnapshot, async (ctx, { params: { id }, body: { snapshot: s } }) => {
    if (Object.keys(s).length === 0)
      throw faceFault(
        'invalid',
        'Invalid input for field/attribute snapshot. Value: {}. {} does not have enough properties',
      );
    const name = s.name ?? s.display_name ?? undefined;
    const description = s.description === undefined ? s.display_description : s.description;
    await of(id, () => changeSnapshot(ctx, id, { name, description }));
    return shown(ctx, id);
  }),
  endpoint(facadeVolume.deleteSnapshot, async (ctx, { params: { id } }) => {
    await of(id, () => deleteSnapshot(ctx, id));
  }),
  endpoint(facadeVolume.actOnSnapshot, async (ctx, { params: { id }, body }) => {
    demandAdmin(ctx);
    await shown(ctx, id);
    const reset = body['os-reset_status'];
    if (reset) {
      const status = demandReset(reset.status);
      await of(id, () => resetSnapshot(ctx, id, status));
    } else if (Object.hasOwn(body, 'os-force_delete')) await of(id, () => deleteSnapshot(ctx, id));
    else if (Object.hasOwn(body, 'os-unmanage')) refuseAbsent('snapshots are not given up to their storage.');
    else if (Object.hasOwn(body, 'os-update_snapshot_status'))
      refuseAbsent('the hypervisor tells the status of snapshots.');
    else throw faceFault('invalid', 'Malformed request body: it has to have one action.');
  }),
];
