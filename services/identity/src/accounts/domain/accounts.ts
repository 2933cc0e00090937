import type { Queryable } from '@nefos/service-kit';
import { bad, notFound } from '../../access/domain/errors.js';
import { isUuid } from '../../access/domain/uuids.js';
import type { IdentityRequest } from '../../ctx.js';
import { findAccount, listAccounts, type Account } from '../store/accounts.js';
import { listUsers, type ListedUser, type UserFilter } from '../store/users.js';

export type { Account, ListedUser };

const MAX_USERNAME = 254;
export const fullName = (a: { firstName: string; lastName: string }): string => `${a.firstName} ${a.lastName}`;

/** @throws not_found user.absent */
export const accountByUuid = async (q: Queryable, uuid: string): Promise<Account> => {
  const account = isUuid(uuid) ? await findAccount(q, 'uuid', uuid) : undefined;
  if (!account) throw notFound('user.absent');
  return account;
};
export const accountById = (q: Queryable, id: number): Promise<Account | undefined> => findAccount(q, 'id', id);
/** The account of an e-mail address (in any case) or a uuid. */
export const accountByName = async (q: Queryable, name: string): Promise<Account | undefined> =>
  name.length > MAX_USERNAME
    ? undefined
    : ((await findAccount(q, 'username', name.toLowerCase())) ??
      (isUuid(name) ? findAccount(q, 'uuid', name) : undefined));
/**
 * A page of accounts in the order in which they were made, after the one of the uuid `marker`.
 * @throws invalid marker.unknown: answered with the first page, a client would read in a circle
 */
export const accountsPage = async (
  q: Queryable,
  page: { limit: number; marker?: string | undefined },
): Promise<Account[]> => {
  const { marker } = page;
  if (marker !== undefined && !(isUuid(marker) && (await findAccount(q, 'uuid', marker)))) throw bad('marker.unknown');
  return listAccounts(q, page);
};
/** A page of users by filters; one more than `limit` when there are more. @throws invalid marker.unknown */
export const usersPage = async (ctx: IdentityRequest, { limit, ...filter }: UserFilter): Promise<ListedUser[]> => {
  const { marker } = filter;
  const users =
    marker === undefined || isUuid(marker) ? await listUsers(ctx.db, { ...filter, limit: limit + 1 }) : undefined;
  if (!users) throw bad('marker.unknown');
  return users;
};
