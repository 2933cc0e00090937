import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import type { KeysetPage, KeysetRequest } from '../../lists/keyset.js';
import * as store from '../store/migrations.js';
import type { Migration, MigrationFilters } from '../store/migrations.js';

export type { Migration, MigrationFilters };

/** Instances that went, or go, to another host: administrators see them. @throws Fault forbidden/facade.policy */
export const migrationsOf = (
  ctx: ComputeRequest,
  filters: MigrationFilters,
  page: Pick<KeysetRequest, 'limit' | 'marker'>,
): Promise<KeysetPage<Migration> | 'no_marker'> => {
  demandAdmin(ctx);
  return store.listMigrations(dbOf(ctx), filters, page);
};
