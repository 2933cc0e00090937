import { notFound, type Queryable } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { callerOf, visibleClients } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import { lastOf, type Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import * as groups from '../store/flavor-groups.js';
import * as flavors from '../store/flavors.js';
import * as networks from '../store/networks.js';
import * as regions from '../store/regions.js';
import * as subnets from '../store/subnets.js';

export type { FlavorGroup } from '../store/flavor-groups.js';
export type { FlavorWithStock } from '../store/flavors.js';
export type { NetworkWithSubnets } from '../store/networks.js';
export type { Region } from '../store/regions.js';
export type { Subnet } from '../store/subnets.js';

/** Whose view of the cloud it is: an end user's, or for staff that of the client in `?client=`; null: everything. */
export const scopeOf = (ctx: ComputeRequest, query: Query): readonly number[] | null => {
  const named = lastOf(query.client);
  const caller = callerOf(ctx);
  if (!caller.staff) return visibleClients(caller, named);
  return named !== undefined && /^\d{1,9}$/.test(named) ? [Number(named)] : null;
};
type Lister<Row> = (
  q: Queryable,
  query: Query,
  scope: { clientIds: readonly number[] | null; id?: string },
) => Promise<Page<Row>>;
const lister =
  <Row>(list: Lister<Row>) =>
  (ctx: ComputeRequest, query: Query): Promise<Page<Row>> =>
    list(dbOf(ctx), query, { clientIds: scopeOf(ctx, query) });
/** One row, if its list would show it. @throws Fault not_found */
const getter =
  <Row>(list: Lister<Row>, isId: (id: string) => boolean) =>
  async (ctx: ComputeRequest, id: string): Promise<Row> => {
    const row = isId(id) ? (await list(dbOf(ctx), {}, { clientIds: scopeOf(ctx, {}), id })).rows[0] : undefined;
    if (!row) throw notFound();
    return row;
  };
const isUuid = (id: string): boolean => UUID.test(id);

export const listRegions = lister(regions.listRegions);
export const getRegion = getter(regions.listRegions, (id) => !id.includes('\u0000'));
export const listFlavors = lister(flavors.listFlavors);
export const getFlavor = getter(flavors.listFlavors, isUuid);
export const isGroupId = (id: string): boolean => /^[1-9]\d{0,8}$/.test(id);
export const listFlavorGroups = lister(groups.listFlavorGroups);
export const getFlavorGroup = getter(groups.listFlavorGroups, isGroupId);
export const listNetworks = lister(networks.listNetworks);
export const getNetwork = getter(networks.listNetworks, isUuid);
export const listSubnets = lister(subnets.listSubnets);
export const getSubnet = getter(subnets.listSubnets, isUuid);
