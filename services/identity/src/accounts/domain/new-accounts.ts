import { randomBytes, randomUUID } from 'node:crypto';
import type { Tx } from '@nefos/service-kit';
import { audit } from '../../access/domain/audit.js';
import { transactionWithInvalidation } from '../../access/domain/changes.js';
import { parentOf } from '../../access/domain/derivation.js';
import { conflict } from '../../access/domain/errors.js';
import { joinGroup } from '../../access/domain/groups.js';
import { mint, type MintedToken, type UserToken } from '../../access/domain/tokens.js';
import type { IdentityRequest } from '../../ctx.js';
import {
  deleteUnverifiedNamesake,
  insertAccount,
  lockAccount,
  lockUuid,
  type Account,
  type NewAccount,
} from '../store/accounts.js';
import { acceptAndActivate } from './activation.js';
import { signLastTerms } from './signing.js';

/**
 * Makes an account that is neither verified nor accepted. An unverified account of the same address is deleted; of two
 * that are made at the same time with one address, one is refused.
 * @throws conflict email.taken
 */
export const createAccount = async (ctx: IdentityRequest, tx: Tx, account: NewAccount): Promise<Account> => {
  await deleteUnverifiedNamesake(tx, account.email, account.uuid);
  const created = await insertAccount(tx, account);
  await audit(ctx, tx, 'user.create', created.uuid);
  return created;
};
export interface NewUser {
  uuid?: string;
  email: string;
  firstName: string;
  lastName: string;
  /** Absent: one is made and answered. */
  password?: string | undefined;
  affiliation?: string | undefined;
  metadata?: unknown;
  superuser?: boolean;
  /** Names; missing groups are made. */
  groups?: readonly string[];
}
/**
 * Makes a user who may sign in at once, with a token that is made with the token `by` (contract identity §7.9).
 * @returns `password` only when it was made here
 * @throws conflict email.taken; unauthenticated when `by` is revoked meanwhile
 */
export const createActiveUser = async (
  ctx: IdentityRequest,
  user: NewUser,
  by?: UserToken,
): Promise<{ account: Account; password?: string; token: MintedToken }> => {
  const password = user.password ?? randomBytes(15).toString('base64url');
  const passwordHash = await ctx.passwords.hash(password);
  return transactionWithInvalidation(ctx, async (tx, invalidate) => {
    const account = await createAccount(ctx, tx, {
      ...user,
      uuid: user.uuid ?? randomUUID(),
      passwordHash,
      isSuperuser: user.superuser ?? false,
    });
    await acceptAndActivate(ctx, tx, invalidate, account, 'admin');
    await signLastTerms(ctx, tx, account);
    for (const name of user.groups ?? []) {
      await joinGroup(tx, account.id, name);
      invalidate('directory');
    }
    const parentAuditId = await parentOf(tx, by);
    const token = await mint(tx, {
      kind: 'api',
      accountId: account.id,
      seconds: ctx.settings.tokenSeconds,
      parentAuditId: parentAuditId ?? null,
    });
    await audit(ctx, tx, 'token.mint', account.uuid, 'ok', { audit_id: token.auditId });
    return { account, token, ...(user.password === undefined && { password }) };
  });
};
export interface PendingUser {
  uuid: string;
  email: string;
  firstName: string;
  lastName: string;
  password?: string | undefined;
  termsExempt?: boolean | undefined;
}
/**
 * Makes a user of a component, who can not sign in before activation. The same call again changes nothing.
 * @param madeBy the name of the component
 * @throws conflict email.taken; conflict user.taken when another user has the uuid
 */
export const ensurePendingUser = async (ctx: IdentityRequest, user: PendingUser, madeBy: string): Promise<Account> => {
  const passwordHash = user.password === undefined ? null : await ctx.passwords.hash(user.password);
  return transactionWithInvalidation(ctx, async (tx) => {
    await lockUuid(tx, user.uuid);
    const existing = await lockAccount(tx, 'uuid', user.uuid);
    if (!existing) return createAccount(ctx, tx, { ...user, passwordHash, madeBy });
    if (existing.username !== user.email.toLowerCase() || existing.madeBy !== madeBy) throw conflict('user.taken');
    return existing;
  });
};
