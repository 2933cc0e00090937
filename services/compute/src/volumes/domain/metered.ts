import type { Tx } from '@nefos/service-kit';
import {
  endUsage,
  recordUsageOfVolume,
  recordUsageOfVolumeBackup,
  recordUsageOfVolumeSnapshot,
  type Used,
} from '../../owners/domain/usage.js';
import type { Volume } from '../store/volumes.js';

// Where the size of a volume, snapshot or backup begins, changes and ends, each in the transaction that makes it true:
// facts that metering hears.

type Sized = Pick<Volume, 'id' | 'clientId' | 'regionId' | 'sizeGb'>;
const used = ({ id, clientId, regionId }: Sized): Used => ({ id, clientId, region: regionId });

/** The volume is there. @param sizeGb from now on */
export const meterVolume = (tx: Tx, volume: Sized, sizeGb = volume.sizeGb): Promise<void> =>
  recordUsageOfVolume(tx, used(volume), sizeGb);
export const meterSnapshot = (tx: Tx, snapshot: Sized): Promise<void> =>
  recordUsageOfVolumeSnapshot(tx, used(snapshot), snapshot.sizeGb);
export const meterBackup = (tx: Tx, backup: Sized): Promise<void> =>
  recordUsageOfVolumeBackup(tx, used(backup), backup.sizeGb);
/** It is gone; it may never have begun, when its making has failed. */
export const endMetering = (tx: Tx, kind: 'volume' | 'volume_snapshot' | 'volume_backup', id: string): Promise<void> =>
  endUsage(tx, kind, id);
