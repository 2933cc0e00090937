import type { Condition } from '../lists/list-query.js';

/**
 * What clients may use of flavors f: public ones and those granted to their projects; of a reseller's, only its
 * clients'.
 */
export const flavorsUsableBy = (clientIds: readonly number[]): Condition => ({
  sql: `not f.disabled and (f.is_public or exists (
    select 1 from flavor_project p join project j on j.id = p.project_id join service s on s.id = j.service_id
      where p.flavor_id = f.id and s.client_id = any($::int[])))
    and (f.reseller_resources_id is null or exists (
      select from reseller_resources w join client c on w.client_id in (c.id, c.reseller_client_id)
        where w.id = f.reseller_resources_id and c.id = any($::int[])))`,
  values: [clientIds, clientIds],
});
