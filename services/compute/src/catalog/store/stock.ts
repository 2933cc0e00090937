import { em, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { hypervisors, type Flavor, type Hypervisor } from '../tables.js';

// What the hosts of a region have room for, as their driver told of it last. SQL: conditional and batched.

/** Refreshed so often at least, in seconds (contract compute §8.3). */
const LONGEST = 60;
/** And so often at most, after operations that change what is free. */
const SHORTEST = 5;
/** A transaction that ended an operation may become visible so much later than the instant that it wrote. */
const OVERLAP = 10;
const CHANGES = [
  'create',
  'delete',
  'import',
  'resize',
  'confirmResize',
  'revertResize',
  'shelve',
  'unshelve',
  'migrate',
];

/** Regions whose stock is due; moves their next time on, so that one process asks at a time. */
export const claimStaleRegions = async (q: Queryable): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      `insert into region_stock as s (region_id, checked_at)
      select r.id, clock_timestamp() from region r left join region_stock t on t.region_id = r.id
        where t.checked_at is null or t.checked_at < now() - $1 * interval '1 s'
          or (t.checked_at < now() - $2 * interval '1 s' and exists (
            select from operation o join instance i on i.id = o.instance_id and i.region_id = r.id
              where o.completed_at > t.checked_at - $3 * interval '1 s' and o.action = any($4)))
        order by r.id
      on conflict (region_id) do update set checked_at = excluded.checked_at
        where s.checked_at < now() - $2 * interval '1 s'
      returning region_id id`,
      [LONGEST, SHORTEST, OVERLAP, CHANGES],
    )
  ).map(({ id }) => id);

/** The sizes of a region's flavors. */
export type FlavorSize = Pick<Flavor, 'vcpus' | 'memoryMb' | 'rootGb' | 'ephemeralGb' | 'swapMb'>;
export const listSizes = (q: Queryable, regionId: string): Promise<FlavorSize[]> =>
  sql<FlavorSize>(
    q,
    `select distinct vcpus, memory_mb "memoryMb", root_gb "rootGb", ephemeral_gb "ephemeralGb", swap_mb "swapMb"
    from flavor where region_id = $1 and not disabled order by 1, 2, 3, 4, 5 limit 1000`,
    [regionId],
  );
/**
 * Writes whether there is room for one more machine of a size; rows that say so already are not touched. Flavors are
 * locked by id, as everywhere.
 */
export const writeRoom = async (tx: Tx, regionId: string, size: FlavorSize, hasRoom: boolean): Promise<void> => {
  await run(
    tx,
    `update flavor set has_room = $7 where id in (
      select id from flavor where region_id = $1 and vcpus = $2 and memory_mb = $3 and root_gb = $4
        and ephemeral_gb = $5 and swap_mb = $6 and has_room <> $7 order by id for no key update)`,
    [regionId, size.vcpus, size.memoryMb, size.rootGb, size.ephemeralGb, size.swapMb, hasRoom],
  );
};
/** Writes the hosts of a region; those that are there no longer go. */
export const writeHosts = async (tx: Tx, regionId: string, hosts: readonly Hypervisor[]): Promise<void> => {
  await run(tx, 'delete from hypervisor where region_id = $1 and not id = any($2::uuid[])', [
    regionId,
    hosts.map(({ id }) => id),
  ]);
  if (hosts.length)
    await em(tx).upsert(
      hypervisors,
      hosts.map((one) => ({ ...one })),
      ['id'],
    );
};
/** The driver does not answer: nothing is known of its hosts but their names. */
export const markHostsDown = async (q: Queryable, regionId: string): Promise<void> => {
  await run(q, `update hypervisor set state = 'down' where region_id = $1 and state <> 'down'`, [regionId]);
};
