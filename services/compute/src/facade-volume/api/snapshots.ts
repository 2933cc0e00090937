import { facadeVolume } from '@nefos/contracts';
import { endpointFor, type Endpoint } from '@nefos/service-kit';
import type { Request } from 'express';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { since } from '../../facade/api/microversion.js';
import type { FaceQuery } from '../../facade/api/query.js';
import { faceFault, named } from '../../facade/api/refused.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { changeSnapshot, createSnapshot, deleteSnapshot, resetSnapshot } from '../../volumes/domain/snapshots.js';
import { nameable, rowOf, snapshotList, type CopyRow } from '../domain/pages.js';
import { inCinderWords } from '../domain/cinder-words.js';
import { idFilter, listBody, numberFilter, textFilter, type Filters } from './lists.js';
import { demandKeys } from './metadata.js';
import { shortSnapshot, snapshotView } from './views.js';
import { volumeRow } from './volumes.js';

const endpoint = endpointFor<ComputeCtx>();
/** Filters of snapshots and of backups. */
export const COPY_FILTERS: Filters = {
  name: textFilter('x.name'),
  display_name: textFilter('x.name'),
  status: textFilter('x.status'),
  id: idFilter('x.id'),
  volume_id: idFilter('x.volume_id'),
  availability_zone: textFilter('x.region_id'),
  size: numberFilter('x.size_gb'),
  volume_size: numberFilter('x.size_gb'),
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
    filters: COPY_FILTERS,
    key: 'snapshots',
    word: 'Snapshot',
    path: `/volume/v3/snapshots${whole ? '/detail' : ''}`,
    view: (row) => (whole ? snapshotView(ctx, row) : shortSnapshot(row)),
  });

export const snapshotEndpoints: Endpoint<ComputeCtx>[] = [
  endpoint(facadeVolume.detailSnapshots, (ctx, input) => listed(ctx, input, true)),
  endpoint(facadeVolume.listSnapshots, (ctx, input) => listed(ctx, input, false)),
  endpoint(facadeVolume.showSnapshot, (ctx, { params }) => shown(ctx, params.id)),
  endpoint(facadeVolume.createSnapshot, async (ctx, { body: { snapshot: s } }) => {
    // Cinder asks for `force` where the volume is attached, up to 3.65.
    const { status } = await volumeRow(ctx, s.volume_id);
    if (status === 'in-use' && !since(ctx, 66) && !/^(true|1)$/i.test(String(s.force)))
      throw faceFault(
        'invalid',
        `Invalid volume: Volume ${s.volume_id} status must be available, but current status is: in-use.`,
      );
    const { snapshot } = await inCinderWords(() =>
      createSnapshot(ctx, {
        volume: s.volume_id,
        name: s.name ?? s.display_name ?? '',
        description: s.description ?? s.display_description ?? null,
        metadata: demandKeys(s.metadata ?? {}),
      }),
    );
    return shown(ctx, snapshot.id);
  }),
  endpoint(facadeVolume.updateSnapshot, async (ctx, { params: { id }, body: { snapshot: s } }) => {
    const name = s.name ?? s.display_name ?? undefined;
    const description = s.description ?? s.display_description ?? undefined;
    await of(id, () => changeSnapshot(ctx, id, { name, description }));
    return shown(ctx, id);
  }),
  endpoint(facadeVolume.deleteSnapshot, async (ctx, { params: { id } }) => {
    await of(id, () => deleteSnapshot(ctx, id));
  }),
  endpoint(facadeVolume.actOnSnapshot, async (ctx, { params: { id }, body }) => {
    demandAdmin(ctx);
    const status = demandReset(body['os-reset_status'].status);
    await of(id, () => resetSnapshot(ctx, id, status));
  }),
];
