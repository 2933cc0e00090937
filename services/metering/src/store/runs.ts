import { sql, type Queryable } from '@nefos/service-kit';
import type { Scope } from '../domain/scope.js';
import type { CountedRun } from '../domain/usage.js';
import { MICROS } from './micros.js';

export interface RunsWanted { /** Dates, UTC; `to` is the day after the last. */ from: string; to: string; owner: Scope; accountId: number | undefined }

/** Runs that touch the days and whose image counts today, in order of creation. A run that ends with the first midnight still touches. */
export const findCountedRuns = (q: Queryable, { from, to, owner, accountId }: RunsWanted): Promise<CountedRun[]> => {
  const values: unknown[] = [`${from}T00:00:00Z`, `${to}T00:00:00Z`]; const more: string[] = [];
  if (owner !== 'all') more.push(`and r.user_id = $${values.push(owner)}`);
  if (accountId !== undefined) more.push(`and r.cloud_account_id = $${values.push(accountId)}`);
  return sql<CountedRun>(q, `select ${MICROS('r.start_time')} start, ${MICROS('r.end_time')} "end", coalesce(r.vcpu, 0) vcpu, coalesce(r.memory, 0) memory,
    i.cloud_type "cloudType", coalesce(w.ec2_instance_id, n.instance_uuid::text) "cloudInstanceId",
    case when m.cloud_type = 'aws' then m.rhel_version end "rhelVersion", case when m.cloud_type = 'aws' then m.syspurpose end syspurpose
    from run r join machine_image m on m.id = r.machine_image_id and m.counted
    join instance i on i.id = r.instance_id left join aws_instance w on w.id = i.aws_instance_id left join nefos_instance n on n.id = i.nefos_instance_id
    where r.start_time < $2::timestamptz and coalesce(r.end_time, 'infinity') >= $1::timestamptz ${more.join(' ')} order by r.id`, values);
};
