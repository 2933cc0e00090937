/** The columns of a flavor and its group wherever a flavor is `f` and its group `g`. */
export interface FlavorColumns {
  flavor_id: string;
  flavor_name: string;
  flavor_description: string | null;
  flavor_region: string;
  vcpus: number;
  memory_mb: number;
  root_gb: number;
  ephemeral_gb: number;
  swap_mb: number;
  properties: object;
  out_of_stock: boolean;
  group_id: number | null;
  group_name: string | null;
  group_priority: number | null;
}
/** Instances of the flavor that are not deleted. */
export const STOCK_USED = `(select count(*) from instance u where u.flavor_id = f.id and u.vm_state <> 'deleted')`;
const OUT_OF_STOCK = `(f.out_of_stock or (f.stock_limit is not null and ${STOCK_USED} >= f.stock_limit))`;
export const FLAVOR_COLUMNS = `f.id flavor_id, f.name flavor_name, f.description flavor_description, f.region_id flavor_region, f.vcpus, f.memory_mb, f.root_gb,
  f.ephemeral_gb, f.swap_mb, f.properties, ${OUT_OF_STOCK} out_of_stock,
  g.id group_id, g.name group_name, g.priority group_priority`;
