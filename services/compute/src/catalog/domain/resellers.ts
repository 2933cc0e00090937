import { invalid, notFound, type Issue, type Tx } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { refusal, refusedValue, unknownKey } from '../../refusals.js';
import * as store from '../store/resellers.js';
import type { ResellerSet } from '../store/resellers.js';

export type { ResellerSet } from '../store/resellers.js';

/** What may be said of a reseller's set; what is absent stays. */
export interface ResellerChanges {
  name?: string | undefined;
  flavors?: readonly string[] | undefined;
  catalogue?: readonly string[] | undefined;
}
export const listResellers = (ctx: ComputeRequest, query: Query): Promise<Page<ResellerSet>> =>
  store.listResellers(dbOf(ctx), query, {});
/** @throws Fault not_found */
export const getReseller = async (ctx: ComputeRequest, id: number): Promise<ResellerSet> => {
  const found = (await store.listResellers(dbOf(ctx), {}, { id })).rows[0];
  if (!found) throw notFound();
  return found;
};
/** Refuses flavors that do not exist, belong to another set, or are in the catalogue though they are nobody's offer. */
const checkFlavors = async (tx: Tx, id: number, { flavors = [], catalogue = [] }: ResellerChanges): Promise<void> => {
  const owners = await store.lockFlavorOwners(tx, [...new Set([...flavors, ...catalogue])]);
  const issues: Issue[] = [];
  const check = (field: 'flavors' | 'catalogue', ids: readonly string[], mayHave: (owner: number | null) => boolean) =>
    ids.forEach((flavor, at) => {
      const owner = owners.get(flavor);
      if (owner === undefined) issues.push(unknownKey([field, at], flavor));
      else if (!mayHave(owner)) issues.push(refusedValue([field, at], 'reseller.flavor'));
    });
  check('flavors', flavors, (owner) => owner === null || owner === id);
  check('catalogue', catalogue, (owner) => owner === null);
  catalogue.forEach((flavor, at) => {
    if (flavors.includes(flavor)) issues.push(refusedValue(['catalogue', at], 'reseller.flavor'));
  });
  if (issues.length) throw invalid(issues);
};
const write = async (tx: Tx, id: number, { flavors, catalogue }: ResellerChanges): Promise<void> => {
  await checkFlavors(tx, id, { flavors, catalogue });
  if (flavors) await store.writeOwnFlavors(tx, id, flavors);
  if (catalogue) await store.writeCatalogue(tx, id, catalogue);
};
/** Makes a client a reseller. @throws Fault invalid */
export const createReseller = async (
  ctx: ComputeRequest,
  clientId: number,
  { name, ...offers }: ResellerChanges & { name: string },
): Promise<ResellerSet> => {
  const id = await dbOf(ctx).transaction(async (tx) => {
    if (!(await store.shareLockClient(tx, clientId))) throw invalid([unknownKey(['client'], clientId)]);
    const made = await store.insertReseller(tx, { clientId, name });
    await write(tx, made, offers);
    return made;
  });
  return getReseller(ctx, id);
};
/** @throws Fault not_found, invalid */
export const changeReseller = async (
  ctx: ComputeRequest,
  id: number,
  { name, ...offers }: ResellerChanges,
): Promise<ResellerSet> => {
  await dbOf(ctx).transaction(async (tx) => {
    if (!(await store.lockReseller(tx, id))) throw notFound();
    if (name !== undefined) await store.renameReseller(tx, id, name);
    await write(tx, id, offers);
  });
  return getReseller(ctx, id);
};
/** @throws Fault not_found, conflict/reseller.has_flavors: they would be everybody's at once */
export const removeReseller = (ctx: ComputeRequest, id: number): Promise<void> =>
  dbOf(ctx).transaction(async (tx) => {
    if (!(await store.lockReseller(tx, id))) throw notFound();
    if (await store.ownsFlavors(tx, id)) throw refusal('conflict', 'reseller.has_flavors');
    await store.deleteReseller(tx, id);
  });
