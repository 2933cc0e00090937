import type { Tx } from '@nefos/service-kit';
import { transactionWithInvalidation, type Invalidate } from '../../access/domain/changes.js';
import { notFound } from '../../access/domain/errors.js';
import { isUuid } from '../../access/domain/uuids.js';
import type { IdentityRequest } from '../../ctx.js';
import { lockAccount, type Account } from '../store/accounts.js';
import { demandAbove } from './ranks.js';

/** Locks an account that the caller may change. @throws not_found user.absent; forbidden */
export const lockAccountToChange = async (
  ctx: IdentityRequest,
  uuid: string,
  tx: Tx,
  invalidate: Invalidate,
): Promise<Account> => {
  const account = isUuid(uuid) ? await lockAccount(tx, 'uuid', uuid) : undefined;
  if (!account) throw notFound('user.absent');
  demandAbove(ctx, account);
  invalidate(`account:${account.id}`);
  return account;
};
/**
 * Changes an account in one transaction: locks it, does `work`, and makes every process drop what it holds of it.
 * @throws not_found user.absent; forbidden; what `work` throws
 */
export const changingAccount = <T>(
  ctx: IdentityRequest,
  uuid: string,
  work: (account: Account, tx: Tx, invalidate: Invalidate) => Promise<T>,
): Promise<T> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) =>
    work(await lockAccountToChange(ctx, uuid, tx, invalidate), tx, invalidate),
  );
