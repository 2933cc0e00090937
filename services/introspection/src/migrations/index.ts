import type { MigrationClass } from '@nefos/service-kit';
import { CreateIntrospection1765100000000 } from './1765100000000-create-introspection.js';

/** In the order in which they run. */
export const migrations: MigrationClass[] = [CreateIntrospection1765100000000];
