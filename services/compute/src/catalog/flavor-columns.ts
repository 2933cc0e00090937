import { columns } from '@nefos/service-kit';
import { flavors, type Flavor } from './tables.js';

const SIZES = ['vcpus', 'memoryMb', 'rootGb', 'ephemeralGb', 'swapMb', 'properties'] as const;
/** A flavor and its group, as an instance is made of it. */
export interface FlavorCore extends Pick<Flavor, (typeof SIZES)[number]> {
  flavorId: string;
  flavorName: string;
  flavorDescription: string | null;
  flavorRegion: string;
  /** Marked so, or the stock is used up, or no host has room for one more. */
  outOfStock: boolean;
  groupId: number | null;
  groupName: string | null;
  groupPriority: number | null;
}
/** As every list shows them that has a flavor as `f` and its group as `g`. */
export interface FlavorColumns extends FlavorCore {
  /** Resellers that offer this flavor of the provider, at most 100. */
  usedByResellers: { id: number; name: string }[];
  /** The reseller's set that it belongs to; null: it is the provider's. */
  resellerResources: { id: number; name: string } | null;
}
/** Instances of the flavor that are not deleted, and those that get it by a resize or may be reverted to it. */
export const STOCK_USED = `((select count(*) from instance u where u.flavor_id = f.id and u.vm_state <> 'deleted')
  + (select count(*) from instance u where u.other_flavor_id = f.id and u.vm_state <> 'deleted'))`;
const OUT_OF_STOCK = `(f.out_of_stock or not f.has_room
  or (f.stock_limit is not null and ${STOCK_USED} >= f.stock_limit))`;
export const FLAVOR_CORE = `f.id "flavorId", f.name "flavorName", f.description "flavorDescription",
  f.region_id "flavorRegion", ${columns(flavors, 'f', SIZES)}, ${OUT_OF_STOCK} "outOfStock",
  g.id "groupId", g.name "groupName", g.priority "groupPriority"`;
export const FLAVOR_COLUMNS = `${FLAVOR_CORE},
  coalesce((select jsonb_agg(jsonb_build_object('id', o.client_id, 'name', o.name) order by o.client_id) from (
      select w.client_id, c.first_name || ' ' || c.last_name name
        from reseller_catalog_flavor k join reseller_resources w on w.id = k.reseller_resources_id
          join client c on c.id = w.client_id where k.flavor_id = f.id order by 1 limit 100) o), '[]')
    "usedByResellers",
  (select jsonb_build_object('id', w.id, 'name', w.name) from reseller_resources w
    where w.id = f.reseller_resources_id) "resellerResources"`;
