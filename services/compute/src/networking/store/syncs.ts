import { columns, em, run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import { networkSyncs, type NetFault, type NetStatus, type NetworkSync } from '../tables.js';

export type { NetworkSync };
export type Kind = NetworkSync['kind'];

/** Another revision of a thing is to be brought to the driver. SQL: an upsert. */
export const bumpSync = async (
  tx: Tx,
  { kind, id, regionId, checkSeconds }: { kind: Kind; id: string; regionId: string; checkSeconds: number },
): Promise<void> => {
  await run(
    tx,
    `insert into network_sync (kind, id, region_id, next_check_at) values ($1, $2, $3, now() + $4 * interval '1 s')
    on conflict (kind, id) do update set revision = network_sync.revision + 1, attempts = 0, error = null,
      next_check_at = excluded.next_check_at where not network_sync.gone`,
    [kind, id, regionId, checkSeconds],
  );
};
/** A thing is gone here. @returns false: the driver was never told of it. SQL: conditional. */
export const markGone = async (
  tx: Tx,
  { kind, id, backendId, checkSeconds }: { kind: Kind; id: string; backendId: string | null; checkSeconds: number },
): Promise<boolean> =>
  (await run(
    tx,
    `update network_sync set gone = true, backend_id = $3, revision = revision + 1, attempts = 0, error = null,
      next_check_at = now() + $4 * interval '1 s' where kind = $1 and id = $2`,
    [kind, id, backendId, checkSeconds],
  )) > 0;
/** What there is to do, and moves the next check on. SQL: conditional. */
export const beginSync = async (
  q: Queryable,
  { kind, id }: { kind: Kind; id: string },
  checkSeconds: number,
): Promise<NetworkSync | undefined> =>
  (
    await sql<NetworkSync>(
      q,
      `update network_sync set attempts = attempts + 1, next_check_at = now() + $3 * interval '1 s'
      where kind = $1 and id = $2 and next_check_at is not null returning ${columns(networkSyncs)}`,
      [kind, id, checkSeconds],
    )
  )[0];
/** The driver has this revision. @returns whether it is the last one. SQL: conditional. */
export const endSync = async (
  tx: Tx,
  { kind, id, revision }: Pick<NetworkSync, 'kind' | 'id' | 'revision'>,
): Promise<boolean> =>
  (await run(
    tx,
    `update network_sync set done_revision = $3, error = null, attempts = 0, next_check_at = null
    where kind = $1 and id = $2 and revision = $3 and not gone`,
    [kind, id, revision],
  )) > 0;
/** It is not tried again, until it is changed. SQL: conditional. */
export const failSync = async (
  tx: Tx,
  { kind, id, revision }: Pick<NetworkSync, 'kind' | 'id' | 'revision'>,
  error: NetFault,
): Promise<boolean> =>
  (await run(
    tx,
    `update network_sync set error = $4::jsonb, next_check_at = null
    where kind = $1 and id = $2 and revision = $3 and not gone`,
    [kind, id, revision, JSON.stringify(error)],
  )) > 0;
type Revision = Pick<NetworkSync, 'kind' | 'id' | 'revision'>;
/** It is tried again later. @returns whether it is the last revision still */
export const postponeSync = async (
  tx: Tx,
  { kind, id, revision }: Revision,
  checkAt: Date,
  error: NetFault | null,
): Promise<boolean> =>
  ((await em(tx).update(networkSyncs, { kind, id, revision }, { nextCheckAt: checkAt.toISOString(), error }))
    .affected ?? 0) > 0;
/** Whether it is the last revision; until the transaction ends no other one comes. SQL: locks. */
export const isLast = async (tx: Tx, { kind, id, revision }: Revision): Promise<boolean> =>
  (
    await sql(tx, 'select from network_sync where kind = $1 and id = $2 and revision = $3 and not gone for update', [
      kind,
      id,
      revision,
    ])
  ).length > 0;
/** There is no such thing and never was: what went meanwhile is removed at the driver by a job of its own. */
export const forgetSync = async (tx: Tx, { kind, id, revision }: Revision): Promise<void> => {
  await em(tx).delete(networkSyncs, { kind, id, revision, gone: false });
};
export const markRemoved = async (tx: Tx, { kind, id }: { kind: Kind; id: string }, checkAt: Date): Promise<void> => {
  await em(tx).update(
    networkSyncs,
    { kind, id },
    { removed: true, attempts: 0, error: null, nextCheckAt: checkAt.toISOString() },
  );
};
export const deleteSync = async (tx: Tx, { kind, id }: { kind: Kind; id: string }): Promise<void> => {
  await em(tx).delete(networkSyncs, { kind, id });
};
/** What is due and may have lost its job; moves the next check on. SQL: batched, skips locked rows. */
export const claimDueSyncs = (
  q: Queryable,
  limit: number,
  checkSeconds: number,
): Promise<Pick<NetworkSync, 'kind' | 'id'>[]> =>
  sql(
    q,
    `update network_sync set next_check_at = now() + $2 * interval '1 s' where (kind, id) in (
      select kind, id from network_sync where next_check_at <= now() order by next_check_at limit $1
      for update skip locked)
    returning kind, id`,
    [limit, checkSeconds],
  );
/** Of these ids those that the portal does not have, and that the driver was told to remove. SQL: an anti-join. */
export const findGone = async (q: Queryable, kind: Kind, ids: readonly string[]): Promise<string[]> =>
  (
    await sql<{ id: string }>(q, 'select id from network_sync where kind = $1 and id = any($2::uuid[]) and gone', [
      kind,
      ids,
    ])
  ).map(({ id }) => id);

/**
 * Writes what the driver said of a thing. SQL: one of six tables, which `kind` names, locked to see what has changed.
 * @returns whether its status or fault is another one now
 */
export const writeOutcome = async (
  tx: Tx,
  { kind, id }: { kind: Kind; id: string },
  { status, fault, backendId = null }: { status: NetStatus; fault: NetFault | null; backendId?: string | null },
): Promise<boolean> => {
  // A subnet has no status of its own.
  if (kind === 'subnet') {
    await run(tx, 'update subnet set backend_id = coalesce($2, backend_id) where id = $1', [id, backendId]);
    return false;
  }
  const [written] = await sql<{ changed: boolean }>(
    tx,
    `with before as (select status, fault from ${kind} where id = $1 for no key update)
    update ${kind} x set status = $2, fault = $3::jsonb, backend_id = coalesce($4, x.backend_id) from before
    where x.id = $1 returning (x.status, x.fault) is distinct from (before.status, before.fault) changed`,
    [id, status, fault && JSON.stringify(fault), backendId],
  );
  return written?.changed ?? false;
};
