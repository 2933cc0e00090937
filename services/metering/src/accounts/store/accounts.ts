import { Fault, run, sql, violates, type Queryable, type Tx } from '@nefos/service-kit';
import type { Account } from '../domain/accounts.js';
import type { Listing, Page } from '../../page.js';
import type { Scope } from '../../access/domain/scope.js';

interface Row {
  id: string;
  user_id: string;
  account_number: string;
  name: string;
  created_at: string;
  updated_at: string;
  aws_id: string | null;
  account_arn: string;
  aws_account_id: string;
  nefos_id: string;
  client_id: string;
  content_created_at: string;
  content_updated_at: string;
}
const SELECT = `select a.id, a.user_id, u.account_number, a.name, a.created_at, a.updated_at, w.id aws_id, w.account_arn, w.aws_account_id, n.id nefos_id, n.client_id,
  coalesce(w.created_at, n.created_at) content_created_at, coalesce(w.updated_at, n.updated_at) content_updated_at
  from cloud_account a join app_user u on u.id = a.user_id left join aws_cloud_account w on w.id = a.aws_cloud_account_id left join nefos_cloud_account n on n.id = a.nefos_cloud_account_id`;
const account = (r: Row): Account => {
  const times = { createdAt: r.content_created_at, updatedAt: r.content_updated_at };
  return {
    id: Number(r.id),
    userId: Number(r.user_id),
    ownerNumber: r.account_number,
    name: r.name,
    createdAt: r.created_at,
    updatedAt: r.updated_at,
    content:
      r.aws_id !== null
        ? { cloud: 'aws', id: Number(r.aws_id), arn: r.account_arn, awsAccountId: r.aws_account_id, ...times }
        : { cloud: 'nefos', id: Number(r.nefos_id), clientId: r.client_id, ...times },
  };
};
/** A closed account is there for its usage only. */
const OPEN = 'a.closed_at is null';
const whose = (scope: Scope): number | null => (scope === 'all' ? null : scope);

/** Newest first: the seed's order, made total. */
export const listAccounts = async (q: Queryable, scope: Scope, { limit, offset }: Page): Promise<Listing<Account>> => {
  const owner = scope === 'all' ? '' : 'and a.user_id = $3';
  const more = scope === 'all' ? [] : [scope];
  const rows = await sql<Row>(q, `${SELECT} where ${OPEN} ${owner} order by a.id desc limit $1 offset $2`, [
    limit,
    offset,
    ...more,
  ]);
  const [{ count } = { count: 0 }] = await sql<{ count: number }>(
    q,
    `select count(*)::int count from cloud_account a where ${OPEN} and ($1::bigint is null or user_id = $1)`,
    [whose(scope)],
  );
  return { count, rows: rows.map(account) };
};
export const findAccount = async (q: Queryable, id: number, scope: Scope): Promise<Account | undefined> =>
  (
    await sql<Row>(q, `${SELECT} where a.id = $1 and ${OPEN} and ($2::bigint is null or a.user_id = $2)`, [
      id,
      whose(scope),
    ])
  ).map(account)[0];
export const lockAccount = async (tx: Tx, id: number, scope: Scope): Promise<Account | undefined> =>
  (
    await sql<Row>(
      tx,
      `${SELECT} where a.id = $1 and ${OPEN} and ($2::bigint is null or a.user_id = $2) for update of a`,
      [id, whose(scope)],
    )
  ).map(account)[0];

export const nameIsTaken = async (q: Queryable, userId: number, name: string): Promise<boolean> =>
  (await sql(q, 'select 1 from cloud_account where user_id = $1 and name = $2 and closed_at is null', [userId, name]))
    .length > 0;
/** Across all users, by the account and not by the role. */
export const awsAccountIsKnown = async (q: Queryable, awsAccountId: string): Promise<boolean> =>
  (await sql(q, 'select 1 from aws_cloud_account where aws_account_id = $1 and not closed', [awsAccountId])).length > 0;

/** @returns when it was saved @throws Fault invalid/account.name_taken */
export const updateAccount = async (tx: Tx, { id, ownerNumber }: Account, name: string): Promise<string> => {
  try {
    const [row] = await sql<{ updated_at: string }>(
      tx,
      'update cloud_account set name = $2, updated_at = clock_timestamp() where id = $1 returning updated_at',
      [id, name],
    );
    return row?.updated_at ?? '';
  } catch (err) {
    throw violates(err, 'cloud_account_user_id_name_key')
      ? new Fault('invalid', 'account.name_taken', { name, number: ownerNumber })
      : err;
  }
};

/** As `lockAccount`, a closed account too. */
export const lockAnyAccount = async (tx: Tx, id: number, scope: Scope): Promise<Account | undefined> =>
  (
    await sql<Row>(tx, `${SELECT} where a.id = $1 and ($2::bigint is null or a.user_id = $2) for update of a`, [
      id,
      whose(scope),
    ])
  ).map(account)[0];

/** The account and its instances are listed no more; its rows stay for its usage. */
export const closeAccount = async (tx: Tx, { id, content }: Account, at: Date): Promise<void> => {
  await run(tx, 'update cloud_account set closed_at = $2, updated_at = clock_timestamp() where id = $1', [id, at]);
  await run(tx, 'update instance set closed = true where cloud_account_id = $1 and not closed', [id]);
  if (content.cloud === 'aws') await run(tx, 'update aws_cloud_account set closed = true where id = $1', [content.id]);
};
export const hasOpenRuns = async (tx: Tx, id: number): Promise<boolean> =>
  (
    await sql(
      tx,
      'select 1 from instance i join run r on r.instance_id = i.id and r.end_time is null where i.cloud_account_id = $1 limit 1',
      [id],
    )
  ).length > 0;

/** Everything of a locked account. For one of our own cloud a tombstone stays, so that its old events, told again, do not bring it back. */
export const deleteAccountRows = async (tx: Tx, { id, content }: Account, at: Date): Promise<void> => {
  const mine = await sql<{
    id: string;
    machine_image_id: string | null;
    aws_instance_id: string | null;
    nefos_instance_id: string | null;
  }>(
    tx,
    'select id, machine_image_id, aws_instance_id, nefos_instance_id from instance where cloud_account_id = $1 order by id for update',
    [id],
  );
  const instances = mine.map((i) => i.id);
  await run(tx, 'delete from run where instance_id = any($1::bigint[])', [instances]);
  await run(tx, 'delete from instance_event where instance_id = any($1::bigint[])', [instances]);
  await run(tx, 'delete from instance where id = any($1::bigint[])', [instances]);
  await run(tx, 'delete from aws_instance where id = any($1::bigint[])', [
    mine.map((i) => i.aws_instance_id).filter(Boolean),
  ]);
  await run(tx, 'delete from nefos_instance where id = any($1::bigint[])', [
    mine.map((i) => i.nefos_instance_id).filter(Boolean),
  ]);
  await deleteUnusedImages(tx, [...new Set(mine.map((i) => i.machine_image_id).filter((image) => image !== null))]);
  await run(tx, 'delete from cloud_account where id = $1', [id]);
  if (content.cloud === 'aws') {
    await run(tx, 'delete from aws_cloud_account where id = $1', [content.id]);
    return;
  }
  await run(tx, 'delete from nefos_cloud_account where id = $1', [content.id]);
  await run(
    tx,
    'insert into nefos_tombstone (client_id, deleted_at) values ($1, $2) on conflict (client_id) do update set deleted_at = excluded.deleted_at',
    [content.clientId, at],
  );
};
const deleteUnusedImages = async (tx: Tx, candidates: readonly string[]): Promise<void> => {
  await sql(tx, 'select 1 from machine_image where id = any($1::bigint[]) order by id for update', [candidates]);
  const gone = await sql<{ aws_machine_image_id: string | null; nefos_machine_image_id: string | null }>(
    tx,
    `delete from machine_image m where id = any($1::bigint[])
    and not exists (select 1 from instance i where i.machine_image_id = m.id) returning aws_machine_image_id, nefos_machine_image_id`,
    [candidates],
  );
  await run(tx, 'delete from aws_machine_image where id = any($1::bigint[])', [
    gone.map((g) => g.aws_machine_image_id).filter(Boolean),
  ]);
  await run(tx, 'delete from nefos_machine_image where id = any($1::bigint[])', [
    gone.map((g) => g.nefos_machine_image_id).filter(Boolean),
  ]);
};
