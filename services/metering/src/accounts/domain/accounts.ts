import { metering } from '@nefos/contracts';
import { conflict, Fault, forbidden, invalid, notFound, type Issue, type Tx } from '@nefos/service-kit';
import type { MeteringRequest } from '../../ctx.js';
import {
  awsAccountIsKnown,
  closeAccount,
  deleteAccountRows,
  findAccount,
  hasOpenRuns,
  listAccounts,
  lockAccount,
  lockAnyAccount,
  nameIsTaken,
  updateAccount,
} from '../store/accounts.js';
import { insertFinalPowerOffs } from '../../runs/store/instance-events.js';
import { ACCOUNT_OF_CLOUD, ACCOUNT_RUNS, ARN_MISSING, AWS_NOT_CONFIGURED, NAME_TAKEN } from '../../access/domain/errors.js';
import type { Listing, Page } from '../../page.js';
import { recomputeRuns } from '../../runs/domain/recompute.js';
import { ownOr } from '../../access/domain/scope.js';
import type { User } from '../../access/domain/users.js';

export interface AwsAccountContent {
  cloud: 'aws';
  id: number;
  arn: string;
  awsAccountId: string;
  createdAt: string;
  updatedAt: string;
}
export interface NefosAccountContent {
  cloud: 'nefos';
  id: number;
  clientId: string;
  createdAt: string;
  updatedAt: string;
}
/** A cloud account; instants as PostgreSQL writes them. */
export interface Account {
  id: number;
  userId: number;
  ownerNumber: string;
  name: string;
  createdAt: string;
  updatedAt: string;
  content: AwsAccountContent | NefosAccountContent;
}

export const accountsOf = (
  ctx: MeteringRequest,
  caller: User,
  userId: string | undefined,
  page: Page,
): Promise<Listing<Account>> => listAccounts(ctx.db, ownOr(caller, userId), page);

/** @throws Fault not_found also when it is another user's: ids can not be probed */
export const accountOf = async (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
): Promise<Account> => {
  const found = await findAccount(ctx.db, id, ownOr(caller, userId));
  if (!found) throw notFound();
  return found;
};

/**
 * Judges a new AWS account as documented, group by group (contract metering §5). Nothing is made: what remains is to ask AWS, which
 * is not configured. @throws Fault always
 */
export const registerAccount = async (
  ctx: MeteringRequest,
  caller: User,
  wanted: { name: string; arn: string | undefined },
): Promise<never> => {
  if (await nameIsTaken(ctx.db, caller.id, wanted.name))
    throw new Fault('invalid', NAME_TAKEN, { name: wanted.name, number: caller.accountNumber });
  if (wanted.arn === undefined) throw new Fault('invalid', ARN_MISSING);
  const awsAccountId = awsAccountOf(wanted.arn);
  if (await awsAccountIsKnown(ctx.db, awsAccountId))
    throw invalid([
      { path: ['account_arn'], rule: 'text', values: { text: `An ARN already exists for account "${awsAccountId}"` } },
    ]);
  throw new Fault('unsupported', AWS_NOT_CONFIGURED);
};

/** The 12 digits of an ARN that the contract has judged; leading zeros are kept. */
const awsAccountOf = (arn: string): string => (metering.ARN.exec(arn)?.[1] ?? '').padStart(12, '0');

export interface AccountChange {
  name?: string | undefined;
  cloudType?: string | undefined;
  arn?: string | undefined;
}
const fixed = (field: string, text: string): Issue => ({ path: [field], rule: 'text', values: { text } });

/** Only the name can change; `updated_at` moves whatever was sent (contract metering §5). */
export const changeAccount = (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
  change: AccountChange,
): Promise<Account> => {
  const scope = ownOr(caller, userId);
  return ctx.db.transaction(async (tx) => {
    const account = await lockAccount(tx, id, scope);
    if (!account) throw notFound();
    const issues: Issue[] = [];
    if (change.arn !== undefined && (account.content.cloud !== 'aws' || change.arn !== account.content.arn))
      issues.push(fixed('account_arn', 'You cannot update account_arn.'));
    if (change.cloudType !== undefined && change.cloudType !== account.content.cloud)
      issues.push(fixed('cloud_type', 'You cannot update field cloud_type.'));
    if (issues.length) throw invalid(issues);
    const name = change.name ?? account.name;
    return { ...account, name, updatedAt: await updateAccount(tx, account, name) };
  });
};

/** A closed AWS account sends no events any more, so what runs ends now. Our own cloud's events go on, so there nothing ends. */
const close = async (tx: Tx, account: Account, now: Date): Promise<void> => {
  await closeAccount(tx, account, now);
  if (account.content.cloud !== 'aws') return;
  await recomputeRuns(tx, await insertFinalPowerOffs(tx, [{ accountId: String(account.id), at: now.toISOString() }]));
};

/**
 * Closes an account: it and its instances are listed no more, its usage stays and can only be read (contract metering §5).
 * An account of our own cloud belongs to its client, who pays by it: only superusers close it, and what runs in it stays metered.
 * @throws Fault forbidden/account.of_cloud
 */
export const deleteAccount = (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
): Promise<void> => {
  const scope = ownOr(caller, userId);
  return ctx.db.transaction(async (tx) => {
    const account = await lockAccount(tx, id, scope);
    if (!account) throw notFound();
    if (account.content.cloud === 'nefos' && !caller.isSuperuser) throw forbidden(ACCOUNT_OF_CLOUD);
    await close(tx, account, ctx.clock.now());
  });
};

/**
 * Removes an account, open or closed, with its instances, their events and runs, and images that nobody else uses.
 * @throws Fault forbidden for all but superusers; conflict/account.runs while an instance of our own cloud runs in it
 */
export const purgeAccount = (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
): Promise<void> => {
  if (!caller.isSuperuser) throw forbidden();
  const scope = ownOr(caller, userId);
  return ctx.db.transaction(async (tx) => {
    const account = await lockAnyAccount(tx, id, scope);
    if (!account) throw notFound();
    if (account.content.cloud === 'nefos' && (await hasOpenRuns(tx, id))) throw conflict(ACCOUNT_RUNS);
    await deleteAccountRows(tx, account, ctx.clock.now());
  });
};
