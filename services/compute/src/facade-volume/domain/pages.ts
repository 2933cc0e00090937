import { notFound } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { clientsInView, scopeOf } from '../../facade/domain/scope.js';
import { keysetPage, ofClients, type KeysetPage, type KeysetRequest, type KeysetSpec } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { countRows, summarise } from '../store/lists.js';

export {
  attachmentList,
  backupList,
  snapshotList,
  typeList,
  volumeList,
  type AttachmentRow,
  type BackupRow,
  type CopyRow,
  type TypeRow,
  type VolumeRow,
} from '../store/lists.js';

/**
 * What a list shows: the project's things; everybody's when an administrator asks for that. Of others the wish is not
 * heard, as in Cinder.
 */
export const thingsInView = (ctx: ComputeRequest, allProjects: boolean, column = 'x.client_id'): Condition[] => {
  const clients = clientsInView(ctx, allProjects && scopeOf(ctx).admin);
  return clients === null ? [] : [ofClients(column, clients)];
};
/** End users see public types. */
export const typesInView = (ctx: ComputeRequest): Condition[] =>
  scopeOf(ctx).admin ? [] : [{ sql: 'x.is_public', values: [] }];

export interface Wanted extends KeysetRequest {
  offset: number;
  count: boolean;
}
/** One page, and how many there are when that is asked. @throws Fault not_found: no such marker */
export const pageOf = async <Row extends object>(
  ctx: ComputeRequest,
  spec: KeysetSpec,
  { offset, count, ...wanted }: Wanted,
  scope: readonly Condition[],
): Promise<KeysetPage<Row> & { count: number | undefined }> => {
  if (wanted.marker !== undefined && !UUID.test(wanted.marker)) throw notFound();
  const limit = wanted.limit === 0 ? 0 : wanted.limit + offset;
  const page = await keysetPage<Row>(dbOf(ctx), spec, { ...wanted, limit }, scope);
  if (page === 'no_marker') throw notFound();
  return {
    rows: page.rows.slice(offset),
    more: page.more,
    count: count ? await countRows(dbOf(ctx), spec, [...scope, ...wanted.conditions]) : undefined,
  };
};
/** One thing as lists show it. Whether the caller may see it was decided. @throws Fault not_found */
export const rowOf = async <Row extends object>(
  ctx: ComputeRequest,
  spec: KeysetSpec,
  id: string,
  scope: readonly Condition[],
): Promise<Row> => {
  const conditions: Condition[] = [{ sql: 'x.id = $::uuid', values: [id] }];
  const page = UUID.test(id)
    ? await keysetPage<Row>(dbOf(ctx), spec, { limit: 1, marker: undefined, sort: [], conditions }, scope)
    : 'no_marker';
  const row = page === 'no_marker' ? undefined : page.rows[0];
  if (!row) throw notFound();
  return row;
};
/** What the caller may see when it names one thing: administrators see everything. */
export const nameable = (ctx: ComputeRequest, column?: string): Condition[] => thingsInView(ctx, true, column);
/** Sums over volumes. */
export const summaryOf = (ctx: ComputeRequest, allProjects: boolean) =>
  summarise(dbOf(ctx), thingsInView(ctx, allProjects));
