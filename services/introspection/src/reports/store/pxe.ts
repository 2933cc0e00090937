import { prepared, sql, type Queryable } from '@nefos/service-kit';

/**
 * Says whether something may have changed: other addresses are waited for, or a run began or ended. SQL: a sum over
 * the addresses of open runs, which are few.
 */
export const readPxeVersion = async (q: Queryable): Promise<string> =>
  (
    await prepared<{ version: string }>(
      q,
      `select concat_ws(' ', (select concat_ws(' ', count(*), sum(hashtextextended(node_uuid::text || value, 0)))
          from run_attribute where kind = 'mac'),
        (select count(*) from run where finished_at is null), (select count(*) from port)) version`,
      [],
    )
  )[0]?.version ?? '';
const PORTION = 5000;
/** SQL: all ports, in portions by their ids, and whether the run of their node is open. */
export const listPxePorts = (
  q: Queryable,
  after: string,
): Promise<{ id: string; address: string; awaited: boolean }[]> =>
  sql(
    q,
    `select p.id::text, p.address, coalesce(r.finished_at is null and r.node_uuid is not null, false) awaited
      from port p left join run r on r.node_uuid = p.node_uuid where p.id > $1 order by p.id limit ${PORTION}`,
    [after],
  );
/** MACs by which open runs are recognised, beside those of ports. SQL: bounded. */
export const listAwaitedMacs = (q: Queryable): Promise<{ value: string }[]> =>
  sql(q, `select value from run_attribute where kind = 'mac' order by value limit 100000`);
/** SQL: by the index of open runs. */
export const hasOpenRuns = async (q: Queryable): Promise<boolean> =>
  (await sql(q, 'select from run where finished_at is null limit 1')).length > 0;
