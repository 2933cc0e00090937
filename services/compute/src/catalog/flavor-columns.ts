import { columns } from '@nefos/service-kit';
import { flavors, type Flavor } from './tables.js';

const SIZES = ['vcpus', 'memoryMb', 'rootGb', 'ephemeralGb', 'swapMb', 'properties'] as const;
/** A flavor and its group, as every list shows them that has a flavor as `f` and its group as `g`. */
export interface FlavorColumns extends Pick<Flavor, (typeof SIZES)[number]> {
  flavorId: string;
  flavorName: string;
  flavorDescription: string | null;
  flavorRegion: string;
  /** Marked so, or the stock is used up. */
  outOfStock: boolean;
  groupId: number | null;
  groupName: string | null;
  groupPriority: number | null;
}
/** Instances of the flavor that are not deleted, and those that get it by a resize or may be reverted to it. */
export const STOCK_USED = `((select count(*) from instance u where u.flavor_id = f.id and u.vm_state <> 'deleted')
  + (select count(*) from instance u where u.other_flavor_id = f.id and u.vm_state <> 'deleted'))`;
const OUT_OF_STOCK = `(f.out_of_stock or (f.stock_limit is not null and ${STOCK_USED} >= f.stock_limit))`;
export const FLAVOR_COLUMNS = `f.id "flavorId", f.name "flavorName", f.description "flavorDescription",
  f.region_id "flavorRegion", ${columns(flavors, 'f', SIZES)}, ${OUT_OF_STOCK} "outOfStock",
  g.id "groupId", g.name "groupName", g.priority "groupPriority"`;
