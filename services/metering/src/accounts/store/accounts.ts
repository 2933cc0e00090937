import { IsNull } from 'typeorm';
import { columns, em, Fault, run, sql, violates, type Queryable, type Row, type Tx } from '@nefos/service-kit';
import { NAME_TAKEN } from '../../access/errors.js';
import type { Scope } from '../../access/scope.js';
import type { Listing, Page } from '../../page.js';
import { awsAccounts, cloudAccounts, nefosAccounts } from './tables.js';

interface Content {
  id: number;
  createdAt: string;
  updatedAt: string;
}
export interface AwsAccountContent extends Content {
  cloud: 'aws';
  arn: string;
  awsAccountId: string;
}
export interface NefosAccountContent extends Content {
  cloud: 'nefos';
  clientId: string;
}
const SHOWN = ['id', 'userId', 'name', 'createdAt', 'updatedAt'] as const;
/** A cloud account with what its cloud knows of it; instants as PostgreSQL writes them. */
export interface Account extends Pick<Row<typeof cloudAccounts>, (typeof SHOWN)[number]> {
  ownerNumber: string;
  content: AwsAccountContent | NefosAccountContent;
}

// SQL: a page with its tables in one statement.
const SELECT = `select ${columns(cloudAccounts, 'a', [...SHOWN, 'cloudType'])}, u.account_number "ownerNumber",
  ${columns(awsAccounts, 'w', ['accountArn', 'awsAccountId'])}, ${columns(nefosAccounts, 'n', ['clientId'])},
  coalesce(w.id, n.id)::float8 "contentId",
  coalesce(w.created_at, n.created_at) "contentCreatedAt", coalesce(w.updated_at, n.updated_at) "contentUpdatedAt"
  from cloud_account a join app_user u on u.id = a.user_id
  left join aws_cloud_account w on w.id = a.aws_cloud_account_id
  left join nefos_cloud_account n on n.id = a.nefos_cloud_account_id`;
interface SelectedRow
  extends
    Omit<Account, 'content'>,
    Pick<Row<typeof cloudAccounts>, 'cloudType'>,
    Pick<Row<typeof awsAccounts>, 'accountArn' | 'awsAccountId'>,
    Pick<Row<typeof nefosAccounts>, 'clientId'> {
  contentId: number;
  contentCreatedAt: string;
  contentUpdatedAt: string;
}
const accountOf = ({
  cloudType,
  contentId: id,
  contentCreatedAt: createdAt,
  contentUpdatedAt: updatedAt,
  accountArn: arn,
  awsAccountId,
  clientId,
  ...account
}: SelectedRow): Account => ({
  ...account,
  content:
    cloudType === 'aws'
      ? { cloud: 'aws', id, arn, awsAccountId, createdAt, updatedAt }
      : { cloud: 'nefos', id, clientId, createdAt, updatedAt },
});
/** A closed account is kept for its usage only. */
const OPEN = 'a.closed_at is null';
const IN_SCOPE = '($2::bigint is null or a.user_id = $2)';
const ownerOf = (scope: Scope): number | null => (scope === 'all' ? null : scope);

/** Newest first: the seed's order, made total. */
export const listAccounts = async (q: Queryable, scope: Scope, { limit, offset }: Page): Promise<Listing<Account>> => {
  const owner = scope === 'all' ? '' : 'and a.user_id = $3';
  const text = `${SELECT} where ${OPEN} ${owner} order by a.id desc limit $1 offset $2`;
  const rows = await sql<SelectedRow>(q, text, [limit, offset, ...(scope === 'all' ? [] : [scope])]);
  const counting = `select count(*)::int count from cloud_account a
    where ${OPEN} and ($1::bigint is null or user_id = $1)`;
  const [counted] = await sql<{ count: number }>(q, counting, [ownerOf(scope)]);
  return { count: counted?.count ?? 0, rows: rows.map(accountOf) };
};
const selectOne = async (q: Queryable, id: number, scope: Scope, more: string): Promise<Account | undefined> =>
  (await sql<SelectedRow>(q, `${SELECT} where a.id = $1 and ${IN_SCOPE} ${more}`, [id, ownerOf(scope)])).map(
    accountOf,
  )[0];
export const findAccount = (q: Queryable, id: number, scope: Scope): Promise<Account | undefined> =>
  selectOne(q, id, scope, `and ${OPEN}`);
export const lockAccount = (tx: Tx, id: number, scope: Scope): Promise<Account | undefined> =>
  selectOne(tx, id, scope, `and ${OPEN} for update of a`);
/** As `lockAccount`, a closed account too. */
export const lockAnyAccount = (tx: Tx, id: number, scope: Scope): Promise<Account | undefined> =>
  selectOne(tx, id, scope, 'for update of a');

export const isNameTaken = async (q: Queryable, userId: number, name: string): Promise<boolean> =>
  em(q).existsBy(cloudAccounts, { userId, name, closedAt: IsNull() });
/** Across all users, by the account and not by the role. */
export const isAwsAccountKnown = (q: Queryable, awsAccountId: string): Promise<boolean> =>
  em(q).existsBy(awsAccounts, { awsAccountId, closed: false });

/** @returns when it was saved @throws Fault invalid/account.name_taken */
export const renameAccount = async (tx: Tx, { id, ownerNumber }: Account, name: string): Promise<string> => {
  try {
    const updated = await em(tx)
      .createQueryBuilder()
      .update(cloudAccounts)
      .set({ name, updatedAt: () => 'clock_timestamp()' })
      .where({ id })
      .returning(['updatedAt'])
      .execute();
    return (updated.raw as { updated_at: string }[])[0]?.updated_at ?? '';
  } catch (err) {
    throw violates(err, 'cloud_account_user_id_name_key')
      ? new Fault('invalid', NAME_TAKEN, { name, number: ownerNumber })
      : err;
  }
};

/** The account and its instances are not listed any more; its rows stay for its usage. */
export const closeAccount = async (tx: Tx, { id, content }: Account, at: Date): Promise<void> => {
  await run(tx, 'update cloud_account set closed_at = $2, updated_at = clock_timestamp() where id = $1', [id, at]);
  await run(tx, 'update instance set closed = true where cloud_account_id = $1 and not closed', [id]);
  if (content.cloud === 'aws') await em(tx).update(awsAccounts, { id: content.id }, { closed: true });
};
export const hasOpenRuns = async (tx: Tx, id: number): Promise<boolean> => {
  const text = `select 1 from instance i join run r on r.instance_id = i.id and r.end_time is null
    where i.cloud_account_id = $1 limit 1`;
  return (await sql(tx, text, [id])).length > 0;
};
