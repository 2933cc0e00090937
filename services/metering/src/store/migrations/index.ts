import type { MigrationClass } from '@nefos/service-kit';
import { CreateMetering1763600000000 } from './1763600000000-create-metering.js';

/** In the order in which they run. */
export const migrations: MigrationClass[] = [CreateMetering1763600000000];
