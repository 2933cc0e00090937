import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { attachmentEndpoints } from './attachments.js';
import { backupEndpoints } from './backups.js';
import { absentEndpoints } from './absent.js';
import { cloudEndpoints } from './cloud.js';
import { serviceEndpoints } from './services.js';
import { snapshotEndpoints } from './snapshots.js';
import { metadataEndpoints } from './metadata.js';
import { typeEndpoints } from './types.js';
import { versionEndpoints } from './versions.js';
import { volumeActionEndpoints } from './volume-actions.js';
import { volumeEndpoints } from './volumes.js';

/** Everything of the volume API, in the order in which paths are matched. */
export const facadeVolumeEndpoints: readonly Endpoint<ComputeCtx>[] = [
  ...versionEndpoints,
  ...volumeEndpoints,
  ...volumeActionEndpoints,
  ...metadataEndpoints,
  ...snapshotEndpoints,
  ...backupEndpoints,
  ...typeEndpoints,
  ...attachmentEndpoints,
  ...cloudEndpoints,
  ...serviceEndpoints,
  ...absentEndpoints,
];
