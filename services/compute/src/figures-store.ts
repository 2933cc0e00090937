import { sql, type Queryable } from '@nefos/service-kit';

type Counts = [string, number][];
const count = async (q: Queryable, text: string): Promise<Counts> =>
  (await sql<{ value: string; count: number }>(q, text)).map((row) => [row.value, row.count]);

/** Instances that are not deleted, by state. */
export const countInstances = (q: Queryable): Promise<Counts> =>
  count(q, `select vm_state value, count(*)::int count from instance where vm_state <> 'deleted' group by 1`);
/** Clients by what holds them back; `none`: nothing does. */
export const countClients = (q: Queryable): Promise<Counts> =>
  count(q, `select coalesce(hold, 'none') value, count(*)::int count from client group by 1`);
