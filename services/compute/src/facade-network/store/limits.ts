import { sql, type Queryable } from '@nefos/service-kit';
import type { Amounts } from '../../projects/quota-resources.js';

export interface OwnLimits {
  projectId: string;
  limits: Amounts;
}
/** Projects that have limits of their own. SQL: a filter on JSON. */
export const listLimits = (q: Queryable): Promise<OwnLimits[]> =>
  sql<OwnLimits>(
    q,
    `select id "projectId", quota_limits limits from project where quota_limits <> '{}' order by id limit 1000`,
  );
