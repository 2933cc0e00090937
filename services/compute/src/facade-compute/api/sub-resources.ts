import type { Endpoint } from '@nefos/service-kit';
import type { ComputeCtx } from '../../ctx.js';
import { serverConsoleEndpoints } from './server-consoles.js';
import { serverHistoryEndpoints } from './server-history.js';
import { serverInterfaceEndpoints } from './server-interfaces.js';
import { serverMigrationEndpoints } from './server-migrations.js';
import { serverPartEndpoints } from './server-parts.js';
import { serverTagEndpoints } from './server-tags.js';
import { serverVolumeEndpoints } from './server-volumes.js';

/** What is below a server's own address. */
export const subResourceEndpoints: readonly Endpoint<ComputeCtx>[] = [
  ...serverVolumeEndpoints,
  ...serverInterfaceEndpoints,
  ...serverPartEndpoints,
  ...serverMigrationEndpoints,
  ...serverTagEndpoints,
  ...serverHistoryEndpoints,
  ...serverConsoleEndpoints,
];
