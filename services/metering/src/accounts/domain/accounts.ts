import { metering } from '@nefos/contracts';
import { conflict, Fault, forbidden, invalid, notFound, type Issue, type Tx } from '@nefos/service-kit';
import type { MeteringRequest } from '../../ctx.js';
import { ACCOUNT_OF_CLOUD, ACCOUNT_RUNS, ARN_MISSING, AWS_NOT_CONFIGURED, NAME_TAKEN } from '../../access/errors.js';
import { ARN_KNOWN, FIXED_FIELD } from '../../access/field-rules.js';
import { ownUnlessSuperuser } from '../../access/domain/scope.js';
import type { User } from '../../access/domain/users.js';
import type { Listing, Page } from '../../page.js';
import { endRuns } from '../../runs/domain/recompute.js';
import {
  closeAccount,
  findAccount,
  hasOpenRuns,
  isAwsAccountKnown,
  isNameTaken,
  listAccounts,
  lockAccount,
  lockAnyAccount,
  renameAccount,
  type Account,
} from '../store/accounts.js';
import { purgeAccountRows } from '../store/purge.js';

export type { Account };

export const accountsOf = (
  ctx: MeteringRequest,
  caller: User,
  userId: string | undefined,
  page: Page,
): Promise<Listing<Account>> => listAccounts(ctx.db, ownUnlessSuperuser(caller, userId), page);

/** @throws Fault not_found also for another user's account: ids can not be probed */
export const accountOf = async (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
): Promise<Account> => {
  const found = await findAccount(ctx.db, id, ownUnlessSuperuser(caller, userId));
  if (!found) throw notFound();
  return found;
};

/**
 * Checks a new AWS account as documented, in groups (contract metering §5). Nothing is made: the next step would ask
 * AWS, which is not configured.
 * @throws Fault always
 */
export const registerAccount = async (
  ctx: MeteringRequest,
  caller: User,
  wanted: { name: string; arn: string | undefined },
): Promise<never> => {
  if (await isNameTaken(ctx.db, caller.id, wanted.name))
    throw new Fault('invalid', NAME_TAKEN, { name: wanted.name, number: caller.accountNumber });
  if (wanted.arn === undefined) throw new Fault('invalid', ARN_MISSING);
  const awsAccountId = awsAccountOf(wanted.arn);
  if (await isAwsAccountKnown(ctx.db, awsAccountId))
    throw invalid([{ path: ['account_arn'], rule: ARN_KNOWN, values: { awsAccountId } }]);
  throw new Fault('unsupported', AWS_NOT_CONFIGURED);
};

/** The 12 digits of an ARN that the contract has checked; leading zeros are kept. */
const awsAccountOf = (arn: string): string => (metering.ARN.exec(arn)?.[1] ?? '').padStart(12, '0');

export interface AccountChange {
  name?: string | undefined;
  cloudType?: string | undefined;
  arn?: string | undefined;
}
const fixed = (field: string): Issue => ({ path: [field], rule: FIXED_FIELD });

/** Only the name can change; `updated_at` is set whatever was sent (contract metering §5). */
export const changeAccount = (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
  change: AccountChange,
): Promise<Account> => {
  const scope = ownUnlessSuperuser(caller, userId);
  return ctx.db.transaction(async (tx) => {
    const account = await lockAccount(tx, id, scope);
    if (!account) throw notFound();
    const issues: Issue[] = [];
    if (change.arn !== undefined && (account.content.cloud !== 'aws' || change.arn !== account.content.arn))
      issues.push(fixed('account_arn'));
    if (change.cloudType !== undefined && change.cloudType !== account.content.cloud) issues.push(fixed('cloud_type'));
    if (issues.length) throw invalid(issues);
    const name = change.name ?? account.name;
    return { ...account, name, updatedAt: await renameAccount(tx, account, name) };
  });
};

/**
 * A closed AWS account sends no more events, so its runs end now. The events of our own cloud go on, so its runs stay
 * open.
 */
const close = async (tx: Tx, account: Account, now: Date): Promise<void> => {
  await closeAccount(tx, account, now);
  if (account.content.cloud !== 'aws') return;
  await endRuns(tx, [{ accountId: String(account.id), at: now.toISOString() }]);
};

/**
 * Closes an account: it and its instances are not listed any more; its usage stays and can only be read (contract
 * metering §5). The usage of an account of our own cloud is what its client pays for: only superusers close it, and
 * its instances stay metered.
 * @throws Fault forbidden/account.of_cloud
 */
export const deleteAccount = (
  ctx: MeteringRequest,
  caller: User,
  id: number,
  userId: string | undefined,
): Promise<void> => {
  const scope = ownUnlessSuperuser(caller, userId);
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
  const scope = ownUnlessSuperuser(caller, userId);
  return ctx.db.transaction(async (tx) => {
    const account = await lockAnyAccount(tx, id, scope);
    if (!account) throw notFound();
    if (account.content.cloud === 'nefos' && (await hasOpenRuns(tx, id))) throw conflict(ACCOUNT_RUNS);
    await purgeAccountRows(tx, account, ctx.clock.now());
  });
};
