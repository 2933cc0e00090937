import { randomUUID } from 'node:crypto';
import { forbidden, notFound, type Queryable } from '@nefos/service-kit';
import type { ComputeRequest } from '../../ctx.js';
import { callerOf } from '../../access/domain/caller.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import { lastOf, type Query } from '../../lists/list-query.js';
import { UUID } from '../../lists/uuid.js';
import { invalidValue } from '../../refusals.js';
import {
  deleteKey,
  findKey,
  findKeys,
  insertKey,
  lockAndCountKeys,
  pageOfKeys,
  type SshKey,
} from '../store/ssh-keys.js';
import { findUserByUuid } from '../store/users.js';
import { makeKeyPair, readPublicKey } from './openssh.js';
import { demandAboveOrSelf, demandUnrestricted } from './ranks.js';
import { deletedUser, getUser } from './users.js';

export type { SshKey };
const MAX_KEYS = 100;

/**
 * The caller's keys; for staff those of the user in `?user=`.
 * @throws Fault not_found, forbidden, invalid/filter
 */
export const listSshKeys = async (ctx: ComputeRequest, query: Query): Promise<Page<SshKey>> => {
  const caller = callerOf(ctx);
  const named = caller.staff ? lastOf(query.user) : undefined;
  if (named === undefined) return pageOfKeys(dbOf(ctx), caller.userId, query);
  if (!/^[1-9]\d{0,8}$/.test(named)) throw notFound('user.not_found');
  const user = await getUser(ctx, Number(named));
  demandAboveOrSelf(ctx, user);
  return pageOfKeys(dbOf(ctx), user.id, query);
};
/**
 * A user on whose keys the caller acts, by the id at identity: end users on their own ones, staff on those of whom they
 * act on.
 * @returns undefined: there is no such user
 * @throws Fault forbidden
 */
export const ownerOfKeys = async (ctx: ComputeRequest, uuid: string): Promise<{ id: number } | undefined> => {
  const caller = callerOf(ctx);
  if (uuid === caller.uuid) return { id: caller.userId };
  if (!caller.staff) throw forbidden();
  const user = UUID.test(uuid) ? await findUserByUuid(dbOf(ctx), uuid) : undefined;
  if (user) demandAboveOrSelf(ctx, user);
  return user;
};
/** One of the caller's. @throws Fault not_found */
export const getSshKey = async (ctx: ComputeRequest, id: string): Promise<SshKey> => {
  const found = UUID.test(id) ? await findKey(dbOf(ctx), callerOf(ctx).userId, id) : undefined;
  if (!found) throw notFound('ssh_key.not_found');
  return found;
};
/**
 * Keeps a key under a name of its own: of the caller, or of `owner`, whom `ownerOfKeys` found. The private key of a
 * pair that is made here is returned, and kept nowhere.
 * @param publicKey null: a pair is made
 * @throws Fault invalid, forbidden; not_found/user.not_found: the owner is gone
 */
export const createSshKey = async (
  ctx: ComputeRequest,
  { name, publicKey }: { name: string; publicKey: string | null },
  owner?: { id: number },
): Promise<SshKey & { privateKey?: string }> => {
  demandUnrestricted(ctx);
  const userId = owner?.id ?? callerOf(ctx).userId;
  const made = publicKey === null ? makeKeyPair(name) : undefined;
  const key = made ?? readPublicKey(publicKey as string);
  if (!key) throw invalidValue(['public_key'], 'ssh_key.unreadable');
  const row = await dbOf(ctx).transaction(async (tx) => {
    const count = await lockAndCountKeys(tx, userId);
    if (count === undefined) throw deletedUser(ctx, userId);
    if (count >= MAX_KEYS) throw invalidValue(['name'], 'ssh_key.too_many', { max: MAX_KEYS });
    return insertKey(tx, { id: randomUUID(), userId, name, publicKey: key.line, fingerprint: key.fingerprint });
  });
  return { ...row, ...(made && { privateKey: made.privateKey }) };
};
/** A key of the caller, or of `owner`, whom `ownerOfKeys` found. @throws Fault not_found, forbidden */
export const deleteSshKey = async (ctx: ComputeRequest, id: string, owner?: { id: number }): Promise<void> => {
  demandUnrestricted(ctx);
  const userId = owner?.id ?? callerOf(ctx).userId;
  const found = UUID.test(id) && (await dbOf(ctx).transaction((tx) => deleteKey(tx, userId, id)));
  if (!found) throw notFound('ssh_key.not_found');
};
/**
 * Keys of a user by their ids or names, in the order in which they are named; of an id and a name that are the same
 * text the id counts.
 * @returns one for each that is named; undefined where the user has none
 */
export const findSshKeys = async (
  q: Queryable,
  userId: number,
  namesOrIds: readonly string[],
): Promise<(SshKey | undefined)[]> => {
  const found = await findKeys(q, userId, namesOrIds);
  return namesOrIds.map((one) => found.find(({ id }) => id === one) ?? found.find(({ name }) => name === one));
};
