import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { actionEndpoints } from './actions.js';
import { flavorsEndpoints } from './flavors.js';
import { hostEndpoints } from './hosts.js';
import { keypairEndpoints } from './keypairs.js';
import { migrationEndpoints } from './migrations.js';
import { quotasEndpoints } from './quotas.js';
import { serverLabelEndpoints } from './server-labels.js';
import { serverPartEndpoints } from './server-parts.js';
import { serverHistoryEndpoints } from './server-history.js';
import { serverMigrationEndpoints } from './server-migrations.js';
import { serverEndpoints } from './servers.js';
import { usageEndpoints } from './usage.js';
import { versionEndpoints } from './versions.js';
import { zoneEndpoints } from './zones.js';

/** Everything of the compute API, in the order in which paths are matched. */
export const facadeComputeEndpoints: readonly Endpoint<ComputeCtx>[] = [
  ...versionEndpoints,
  ...serverEndpoints,
  ...serverPartEndpoints,
  ...serverLabelEndpoints,
  ...serverHistoryEndpoints,
  ...serverMigrationEndpoints,
  ...migrationEndpoints,
  ...actionEndpoints,
  ...flavorsEndpoints,
  ...keypairEndpoints,
  ...quotasEndpoints,
  ...usageEndpoints,
  ...hostEndpoints,
  ...zoneEndpoints,
];
