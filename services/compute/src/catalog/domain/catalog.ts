import { notFound } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import {
  flavorGroupList,
  flavorList,
  flavorsForClient,
  type FlavorGroupRow,
  type FlavorRow,
} from '../store/flavors.js';
import { imageList, imagesForClients, type ImageRow } from '../store/images.js';
import { selectPage } from '../../lists/select-page.js';
import { networkList, networksForClients, type NetworkRow } from '../store/networks.js';
import { regionList, type RegionRow } from '../store/regions.js';
import { callerOf, visibleClients } from '../../access/domain/caller.js';
import { UUID } from '../../lists/uuid.js';
import {
  type Query,
  lastOf,
  planList,
  readListQuery,
  type Condition,
  type ListSpec,
  type Page,
} from '../../lists/list-query.js';

export type { FlavorGroupRow, FlavorRow } from '../store/flavors.js';
export type { ImageRow } from '../store/images.js';
export type { NetworkRow } from '../store/networks.js';
export type { RegionRow } from '../store/regions.js';

/** Whose view of the cloud it is: an end user's, or on staff that of the client named by `?client=`; null: everything. */
const scopeOf = (ctx: ComputeRequest, query: Query): readonly number[] | null => {
  const named = lastOf(query.client);
  const caller = callerOf(ctx);
  if (!caller.staff) return visibleClients(caller, named);
  return named !== undefined && /^\d{1,9}$/.test(named) ? [Number(named)] : null;
};
type Visible = ((clientIds: readonly number[]) => Condition) | null;
const lister =
  <Row extends object>(spec: ListSpec, visible: Visible) =>
  (ctx: ComputeRequest, query: Query): Promise<Page<Row>> => {
    const clients = scopeOf(ctx, query);
    return selectPage<Row>(
      dbOf(ctx),
      planList(spec, readListQuery(spec, query), clients && visible ? [visible(clients)] : []),
    );
  };
/** One of them, if its list would show it. @throws Fault not_found */
const getter =
  <Row extends object>(spec: ListSpec, visible: Visible, idOf: (id: string) => Condition | null) =>
  async (ctx: ComputeRequest, id: string): Promise<Row> => {
    const term = idOf(id);
    const clients = scopeOf(ctx, {});
    const found = term
      ? (
          await selectPage<Row>(
            dbOf(ctx),
            planList(spec, readListQuery(spec, {}), [term, ...(clients && visible ? [visible(clients)] : [])]),
          )
        ).rows[0]
      : undefined;
    if (!found) throw notFound();
    return found;
  };
const byUuid =
  (column: string) =>
  (id: string): Condition | null =>
    UUID.test(id) ? { sql: `${column} = $::uuid`, values: [id] } : null;

export const listRegions = lister<RegionRow>(regionList, () => ({ sql: 'r.enabled', values: [] }));
export const getRegion = getter<RegionRow>(
  regionList,
  () => ({ sql: 'r.enabled', values: [] }),
  (id) => (id.includes('\u0000') ? null : { sql: 'r.id = $::text', values: [id] }),
);
export const listFlavors = lister<FlavorRow>(flavorList, flavorsForClient);
export const getFlavor = getter<FlavorRow>(flavorList, flavorsForClient, byUuid('f.id'));
export const listFlavorGroups = lister<FlavorGroupRow>(flavorGroupList, null);
export const getFlavorGroup = getter<FlavorGroupRow>(flavorGroupList, null, (id) =>
  /^[1-9]\d{0,8}$/.test(id) ? { sql: 'g.id = $::int', values: [id] } : null,
);
export const listImages = lister<ImageRow>(imageList, imagesForClients);
export const getImage = getter<ImageRow>(imageList, imagesForClients, byUuid('m.id'));
export const listNetworks = lister<NetworkRow>(networkList, networksForClients);
export const getNetwork = getter<NetworkRow>(networkList, networksForClients, byUuid('n.id'));
