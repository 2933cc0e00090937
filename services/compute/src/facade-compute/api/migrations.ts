import { facadeCompute } from '@nefos/contracts';
import { endpointFor } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { nextLinks } from '../../facade/api/links.js';
import { since } from '../../facade/api/microversion.js';
import { queryLimit, queryText, type FaceQuery } from '../../facade/api/query.js';
import { faceFault } from '../../facade/api/refused.js';
import { microseconds as time } from '../../facade/api/times.js';
import { demandAdmin } from '../../facade/domain/scope.js';
import { projectOfWire, projectOnWire } from '../../facade/project-ids.js';
import { UUID } from '../../lists/uuid.js';
import { migrationsOf, type Migration, type MigrationFilters } from '../domain/migrations.js';
import { demandKnownQuery } from './newer-fields.js';
import { instant } from './server-history.js';

const endpoint = endpointFor<ComputeCtx>();

/** Nova numbers migrations; the number of ours is made of the id of its operation. */
export const migrationNumber = ({ id }: { id: string }): number => Number.parseInt(id.slice(0, 7), 16);

const view = (ctx: ComputeRequest, one: Migration) => ({
  id: migrationNumber(one),
  status: one.status,
  instance_uuid: one.instanceId,
  source_node: one.source,
  source_compute: one.source,
  dest_node: one.wanted,
  dest_compute: one.wanted,
  dest_host: null,
  old_instance_type_id: null,
  new_instance_type_id: null,
  created_at: time(one.createdAt),
  updated_at: time(one.updatedAt),
  ...(since(ctx, 23) && { migration_type: one.type }),
  ...(since(ctx, 59) && { uuid: one.id }),
  ...(since(ctx, 80) && { user_id: one.userUuid, project_id: projectOnWire(one.projectId) }),
});
/** Filters by name, and the microversion that brought each. */
const FILTERS: readonly (readonly [name: string, from: number, key: keyof MigrationFilters])[] = [
  ['instance_uuid', 1, 'instanceId'],
  ['status', 1, 'status'],
  ['migration_type', 1, 'type'],
  ['host', 1, 'host'],
  ['source_compute', 1, 'source'],
  ['project_id', 80, 'projectId'],
  ['user_id', 80, 'userUuid'],
];
const KNOWN = [
  ...['hidden', 'limit', 'marker', 'changes-since'],
  ['changes-before', 66] as const,
  ...FILTERS.map(([name, from]) => [name, from] as const),
];
/** undefined: nothing can be found by them. @throws Fault invalid */
const filtersOf = (ctx: ComputeRequest, query: FaceQuery): MigrationFilters | undefined => {
  const filters: MigrationFilters = {
    since: since(ctx, 59) ? instant(query, 'changes-since') : undefined,
    before: since(ctx, 66) ? instant(query, 'changes-before') : undefined,
  };
  for (const [name, from, key] of FILTERS) if (since(ctx, from)) filters[key] = queryText(query, name);
  const { instanceId, userUuid, projectId } = filters;
  if ([instanceId, userUuid].some((id) => id !== undefined && !UUID.test(id))) return undefined;
  if (projectId === undefined) return filters;
  const project = projectOfWire(projectId);
  return project === undefined ? undefined : { ...filters, projectId: project };
};
export const migrationEndpoints = [
  endpoint(facadeCompute.listMigrations, async (ctx, { query, req }) => {
    demandAdmin(ctx);
    demandKnownQuery(ctx, query, KNOWN, 59);
    const paged = since(ctx, 59);
    const marker = paged ? queryText(query, 'marker') : undefined;
    const absent = () => faceFault('invalid', `Marker ${(marker ?? '').slice(0, 100)} could not be found.`);
    if (marker !== undefined && !UUID.test(marker)) throw absent();
    const filters = filtersOf(ctx, query);
    if (!filters) return { migrations: [] };
    const page = await migrationsOf(ctx, filters, { limit: paged ? queryLimit(query) : 1000, marker });
    if (page === 'no_marker') throw absent();
    const last = paged && page.more ? page.rows.at(-1) : undefined;
    return {
      migrations: page.rows.map((one) => view(ctx, one)),
      ...(last && { migrations_links: nextLinks(ctx, req, facadeCompute.listMigrations.path, last.id) }),
    };
  }),
];
