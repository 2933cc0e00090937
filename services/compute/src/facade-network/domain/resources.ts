import { notFound, type Tx } from '@nefos/service-kit';
import { dbOf } from '../../access/domain/claim.js';
import type { ComputeRequest } from '../../ctx.js';
import { inOne } from '../../facade/domain/in-one.js';
import { scopeOf } from '../../facade/domain/scope.js';
import type { KeysetPage, KeysetRequest } from '../../lists/keyset.js';
import type { Condition } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { demandFree } from '../../networking/domain/owned.js';
import { refusal } from '../../refusals.js';
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

const findOne = async <Row extends object>(
  ctx: ComputeRequest,
  store: ResourceStore,
  conditions: readonly Condition[],
): Promise<Row | undefined> => {
  const page = await listResources<Row>(ctx, store, { limit: 1, marker: undefined, sort: [], conditions });
  return page === 'no_marker' ? undefined : page.rows[0];
};
/** One that the caller may see. */
export const findResource = async <Row extends object>(
  ctx: ComputeRequest,
  store: ResourceStore,
  id: string,
): Promise<Row | undefined> =>
  UUID.test(id) ? findOne<Row>(ctx, store, [{ sql: `${store.spec.id.sql} = $::uuid`, values: [id] }]) : undefined;
/** @throws Fault not_found: the caller sees no such thing */
export const getResource = async <Row extends object>(
  ctx: ComputeRequest,
  store: ResourceStore,
  id: string,
): Promise<Row> => {
  const row = await findResource<Row>(ctx, store, id);
  if (!row) throw notFound();
  return row;
};
/** Several that were made just now, in the order of their ids in `ids`, by one statement. */
export const getResources = async <Row extends { id: string }>(
  ctx: ComputeRequest,
  store: ResourceStore,
  ids: readonly string[],
): Promise<Row[]> => {
  const conditions = [{ sql: `${store.spec.id.sql} = any($::uuid[])`, values: [ids] }];
  const page = await listResources<Row>(ctx, store, { limit: ids.length, marker: undefined, sort: [], conditions });
  const byId = new Map(page === 'no_marker' ? [] : page.rows.map((row) => [row.id, row]));
  return ids.flatMap((id) => byId.get(id) ?? []);
};
/** The port by which a router is connected to a subnet. */
export const findInterfacePort = async (
  ctx: ComputeRequest,
  router: string,
  subnet: string,
): Promise<string | undefined> =>
  (
    await findOne<{ id: string }>(ctx, stores.portStore, [
      { sql: 'x.router_id = $::uuid and x.subnet_id = $::uuid', values: [router, subnet] },
    ])
  )?.id;

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
  const row = await getResource<{ projectId: string | null; routerId?: string | null }>(ctx, store, id);
  const own = scopeOf(ctx);
  if (!own.admin && row.projectId !== own.projectId) throw refusal('forbidden', 'facade.policy');
  // An interface of a router has no labels: it comes and goes with the router's connection.
  if (store === stores.portStore && row.routerId) throw refusal('forbidden', 'facade.policy');
};
/** @throws Fault not_found */
export const tagsOf = async (ctx: ComputeRequest, store: ResourceStore, id: string): Promise<string[]> => {
  await getResource(ctx, store, id);
  return findTags(dbOf(ctx), id);
};
/**
 * Changes the labels of a thing, and nothing else of it.
 * @param how what there is to what there is to be; it may throw
 * @throws Fault not_found, forbidden, forbidden/client.suspended
 */
export const changeLabels = async (
  ctx: ComputeRequest,
  store: ResourceStore,
  id: string,
  how: (before: readonly string[]) => Labels,
): Promise<Labels> => {
  await demandOwn(ctx, store, id);
  return dbOf(ctx).transaction(async (tx: Tx) => {
    await demandFree(ctx, tx, scopeOf(ctx).clientId);
    const labels = how(await lockTags(tx, id));
    await writeLabel(tx, id, labels);
    return labels;
  });
};
/** @throws as `changeLabels` */
export const changeTags = async (
  ctx: ComputeRequest,
  store: ResourceStore,
  id: string,
  how: (before: readonly string[]) => string[],
): Promise<string[]> => [...((await changeLabels(ctx, store, id, (before) => ({ tags: how(before) }))).tags ?? [])];
