import { Fault, notFound, type Tx } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { inOne } from '../../facade/domain/in-one.js';
import { scopeOf } from '../../facade/domain/scope.js';
import type { KeysetPage, KeysetRequest } from '../../lists/keyset.js';
import { UUID } from '../../lists/uuid.js';
import { findTags, lockTags, writeLabel } from '../store/labels.js';
import * as stores from '../store/resources.js';
import type { FilterField, ResourceStore } from '../store/resources.js';

export type { FilterField, ResourceStore };
export const { networkStore, subnetStore, portStore, routerStore, floatingStore, groupStore, ruleStore } = stores;

/** Administrators see everything, others what is of the token's project or shared with it. */
const viewOf = (ctx: ComputeRequest): readonly number[] | null => {
  const { admin, clientId } = scopeOf(ctx);
  return admin ? null : clientId === null ? [] : [clientId];
};
export const listResources = <Row extends object>(
  ctx: ComputeRequest,
  store: ResourceStore,
  request: KeysetRequest,
): Promise<KeysetPage<Row> | 'no_marker'> => stores.pageOf<Row>(dbOf(ctx), store, request, viewOf(ctx));

/** One that the caller may see. @throws Fault not_found */
export const getResource = async <Row extends object>(
  ctx: ComputeRequest,
  store: ResourceStore,
  id: string,
): Promise<Row> => {
  if (!UUID.test(id)) throw notFound();
  const page = await listResources<Row>(ctx, store, {
    limit: 1,
    marker: undefined,
    sort: [],
    conditions: [{ sql: `${store.spec.id.sql} = $::uuid`, values: [id] }],
  });
  const row = page === 'no_marker' ? undefined : page.rows[0];
  if (!row) throw notFound();
  return row;
};

export interface Labels {
  description?: string | undefined;
  tags?: readonly string[] | undefined;
}
/** Does `work` and labels what it answers the id of, both or neither. */
export const labelled = (
  ctx: ComputeRequest,
  labels: Labels,
  work: (ctx: ComputeRequest) => Promise<string>,
): Promise<string> =>
  inOne(ctx, async (joint) => {
    const id = await work(joint);
    await dbOf(joint).transaction((tx) => writeLabel(tx, id, labels));
    return id;
  });

/** Whose things the caller may label: its project's. @throws Fault forbidden, not_found */
const demandOwn = async (ctx: ComputeRequest, store: ResourceStore, id: string): Promise<void> => {
  const { projectId } = await getResource<{ projectId: string | null }>(ctx, store, id);
  const own = scopeOf(ctx);
  if (!own.admin && projectId !== own.projectId) throw new Fault('forbidden', 'facade.policy');
};
/** @throws Fault not_found */
export const tagsOf = async (ctx: ComputeRequest, store: ResourceStore, id: string): Promise<string[]> => {
  await getResource(ctx, store, id);
  return findTags(dbOf(ctx), id);
};
/**
 * Changes the tags of a thing.
 * @param how what there is to what there is to be; it may throw
 * @throws Fault not_found, forbidden
 */
export const changeTags = async (
  ctx: ComputeRequest,
  store: ResourceStore,
  id: string,
  how: (before: readonly string[]) => string[],
): Promise<string[]> => {
  await demandOwn(ctx, store, id);
  return dbOf(ctx).transaction(async (tx: Tx) => {
    const tags = how(await lockTags(tx, id));
    await writeLabel(tx, id, { tags });
    return tags;
  });
};
