import { prepared, type Queryable } from '@nefos/service-kit';
import type { RunState } from '../run-states.js';

/** A node in a list for the operator, with its last run. */
export interface Overview extends Record<string, unknown> {
  uuid: string;
  name: string | null;
  driver: string;
  provision_state: string;
  power_state: string | null;
  maintenance: boolean;
  run: RunState | null;
  run_error: string | null;
}
/** In the order of their registration. SQL: what is not of one table. */
export const listOverviews = (q: Queryable, limit: number): Promise<Overview[]> =>
  prepared(
    q,
    `select n.uuid, n.name, n.driver, n.provision_state, n.power_state, n.maintenance, r.state run, r.error run_error
    from node n left join run r on r.node_uuid = n.uuid order by n.id limit $1`,
    [limit],
  );
