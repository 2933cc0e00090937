import type { MigrationClass } from '@nefos/service-kit';
import { CreateMetering1763600000000 } from './1763600000000-create-metering.js';
import { KeepUsage1764300000000 } from './1764300000000-keep-usage.js';
import { ClientEnded1764500000000 } from './1764500000000-client-ended.js';
import { Resources1764720000000 } from './1764720000000-resources.js';

/** In the order in which they run. */
export const migrations: MigrationClass[] = [
  CreateMetering1763600000000,
  KeepUsage1764300000000,
  ClientEnded1764500000000,
  Resources1764720000000,
];
