import { run, type Queryable } from '@nefos/service-kit';

/**
 * Drops events that a later one of the same node replaces, and those of nodes that are gone. SQL: a portion.
 * @returns how many
 */
export const deleteReplacedEvents = (q: Queryable, portion: number): Promise<number> =>
  run(
    q,
    `delete from outbox where id in (
      select o.id from outbox o
        where exists (select from outbox later where later.aggregate = o.aggregate and later.id > o.id)
          or not exists (select from node n where n.uuid = o.aggregate::uuid)
        order by o.id limit $1)`,
    [portion],
  );
