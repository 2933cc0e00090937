import { notFound, type Queryable, type Tx } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { UUID } from '../../lists/uuid.js';
import { refusal } from '../../refusals.js';
import { findBackup, lockBackup } from '../store/backups.js';
import { writeLabels, type LabelField } from '../store/labels.js';
import { findSnapshot, lockSnapshot } from '../store/snapshots.js';
import { findType } from '../store/types.js';
import { findVolume, lockVolume } from '../store/volumes.js';
import type { Labels } from '../tables.js';
import { onLocked } from './reach.js';

export type { Labels };
/** Words that a thing has at most. */
const MOST = 128;
/** What becomes of the words. */
export type LabelChange = (labels: Labels) => Labels;

const written = async (tx: Tx, field: LabelField, id: string, labels: Labels): Promise<Labels> => {
  if (Object.keys(labels).length > MOST) throw refusal('forbidden', 'volume.too_many_labels', { max: MOST });
  await writeLabels(tx, field, id, labels);
  return labels;
};
interface Labelled {
  id: string;
  clientId: number;
  metadata: Labels;
}
const changing =
  <Row extends Labelled>(
    field: LabelField,
    kind: {
      find: (q: Queryable, id: string) => Promise<Row | undefined>;
      lock: (tx: Tx, id: string) => Promise<Row | undefined>;
    },
    of: (row: Row) => Labels,
  ) =>
  (ctx: ComputeRequest, id: string, change: LabelChange): Promise<Labels> =>
    onLocked(ctx, id, kind, (tx, row) => written(tx, field, id, change(of(row))));
type AnyVolume = NonNullable<Awaited<ReturnType<typeof lockVolume>>>;
const VOLUME = { find: findVolume as (q: Queryable, id: string) => Promise<AnyVolume | undefined>, lock: lockVolume };

/** Changes the metadata of a volume. @throws Fault not_found, forbidden/client.suspended */
export const changeVolumeMetadata = changing('volume.metadata', VOLUME, (row) => row.metadata);
/** Changes what is said of a volume's image. @throws as above */
export const changeImageMetadata = changing('volume.image_metadata', VOLUME, (row) => row.imageMetadata);
/** @throws as above */
export const changeSnapshotMetadata = changing(
  'volume_snapshot.metadata',
  { find: findSnapshot, lock: lockSnapshot },
  (row) => row.metadata,
);
/** @throws as above */
export const changeBackupMetadata = changing(
  'volume_backup.metadata',
  { find: findBackup, lock: lockBackup },
  (row) => row.metadata,
);
/** Changes the extra specs of a type; who may is decided by the caller. @throws Fault not_found */
export const changeExtraSpecs = (ctx: ComputeRequest, id: string, change: LabelChange): Promise<Labels> =>
  dbOf(ctx).transaction(async (tx) => {
    const type = UUID.test(id) ? await findType(tx, id) : undefined;
    if (!type) throw notFound();
    return written(tx, 'volume_type.extra_specs', id, change(type.extraSpecs));
  });
