import { randomBytes, randomUUID } from 'node:crypto';
import type { Queryable, Tx } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import {
  deleteAccount,
  deleteUnverifiedNamesake,
  findAccount,
  holdUuid,
  insertAccount,
  listAccounts,
  lockAccount,
  updateAccount,
  type Account,
  type NewAccount,
} from '../store/accounts.js';
import { joinDefaultGroup, joinGroup } from '../../access/domain/groups.js';
import { ensureSystemProject, setSystemProjectState } from '../../projects/domain/system-projects.js';
import { isUuid } from '../../access/domain/uuids.js';
import { audit } from '../../access/domain/audit.js';
import { changing, type Invalidate } from '../../access/domain/changes.js';
import { bad, conflict, forbidden, notFound } from '../../access/domain/errors.js';
import { lifeOf, parentOf } from '../../access/domain/derivation.js';
import { demandAbove, demandReachable } from './ranks.js';
import { revokeAll } from '../../access/domain/revocation.js';
import { signLastTerms } from './signing.js';
import { mint, type MintedToken, type UserToken } from '../../access/domain/tokens.js';

export type { Account };

export const fullName = (a: { firstName: string; lastName: string }): string => `${a.firstName} ${a.lastName}`;

export const accountByUuid = async (q: Queryable, uuid: string): Promise<Account> => {
  const found = isUuid(uuid) ? await findAccount(q, 'uuid', uuid) : undefined;
  if (!found) throw notFound('user.absent');
  return found;
};
export const accountById = (q: Queryable, id: number): Promise<Account | undefined> => findAccount(q, 'id', id);
/** The account of an e-mail address (any case) or a uuid. */
export const accountByName = async (q: Queryable, name: string): Promise<Account | undefined> =>
  name.length > 254
    ? undefined
    : ((await findAccount(q, 'username', name.toLowerCase())) ??
      (isUuid(name) ? findAccount(q, 'uuid', name) : undefined));
/** A page in the order in which users were made. @throws invalid marker.unknown: a page after nobody would be the first one again */
export const accounts = async (
  q: Queryable,
  page: { limit: number; marker?: string | undefined },
): Promise<Account[]> => {
  const { marker } = page;
  if (marker !== undefined && !(isUuid(marker) && (await findAccount(q, 'uuid', marker)))) throw bad('marker.unknown');
  return listAccounts(q, page);
};

/** Verified and accepted (contract identity §8.1): group `default`, the system project, active. Runs again without harm. */
export const acceptAndActivate = async (
  ctx: IdentityRequest,
  tx: Tx,
  stale: Invalidate,
  account: Account,
  policy: string,
): Promise<void> => {
  if (!account.emailVerified) await updateAccount(tx, account.id, { verified: true });
  if (!account.moderated || account.isRejected) await updateAccount(tx, account.id, { acceptedPolicy: policy });
  await ensureSystemProject(tx, account.id, account.uuid);
  await joinDefaultGroup(tx, account.id);
  if (!account.isActive) {
    await updateAccount(tx, account.id, { active: true });
    await setSystemProjectState(tx, account.id, 'active');
    await audit(ctx, tx, 'user.activate', account.uuid);
  }
  stale(`account:${account.id}`);
};
/** A token for somebody inactive would begin to work unseen when the user is activated. @throws Fault conflict user.not_active */
const demandActive = (a: Account): void => {
  if (!a.isActive) throw conflict('user.not_active');
};
/** Whether an account can be activated and deactivated (contract identity §8.1). */
export const mayChange = (a: Account): boolean => a.emailVerified && a.moderated && !a.isRejected;
/**
 * Nothing of the user works, the system project rests. For good by an administrator: activation brings no old token back. `suspended`, as by
 * the portal: sign-ins end, and named tokens work again after activation (contract compute §2 A7).
 */
export const deactivate = async (
  ctx: IdentityRequest,
  tx: Tx,
  stale: Invalidate,
  account: Account,
  { reason, suspended = false }: { reason: string; suspended?: boolean },
): Promise<void> => {
  await updateAccount(tx, account.id, { deactivatedReason: reason });
  await setSystemProjectState(tx, account.id, 'suspended');
  await revokeAll(ctx, tx, stale, account, 'deactivation', suspended ? 'sign-ins' : 'tokens');
  await audit(ctx, tx, 'user.deactivate', account.uuid, 'ok', { reason });
};

/**
 * Makes a user. An unverified namesake gives way; of two at once with one address, one wins.
 * @throws conflict email.taken
 */
export const makeAccount = async (ctx: IdentityRequest, tx: Tx, account: NewAccount): Promise<Account> => {
  await deleteUnverifiedNamesake(tx, account.email, account.uuid);
  const made = await insertAccount(tx, account);
  await audit(ctx, tx, 'user.create', made.uuid);
  return made;
};
export interface NewUser {
  uuid?: string;
  email: string;
  firstName: string;
  lastName: string;
  password?: string | undefined;
  affiliation?: string | undefined;
  metadata?: unknown;
  superuser?: boolean;
  groups?: readonly string[];
}
/** A user who may sign in at once, with a token (contract identity §7.9). `password` is answered only when it was made here. */
export const createActiveUser = async (
  ctx: IdentityRequest,
  user: NewUser,
  by?: UserToken,
): Promise<{ account: Account; password?: string; token: MintedToken }> => {
  const password = user.password ?? randomBytes(15).toString('base64url');
  const passwordHash = await ctx.passwords.hash(password);
  return changing(ctx, async (tx, stale) => {
    const account = await makeAccount(ctx, tx, {
      ...user,
      uuid: user.uuid ?? randomUUID(),
      passwordHash,
      isSuperuser: user.superuser ?? false,
    });
    await acceptAndActivate(ctx, tx, stale, account, 'admin');
    await signLastTerms(ctx, tx, account);
    for (const name of user.groups ?? []) {
      await joinGroup(tx, account.id, name);
      stale('directory');
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
/** A user that can not sign in yet, for another service; the same call again changes nothing. @throws conflict email.taken */
export const ensurePendingUser = async (
  ctx: IdentityRequest,
  user: {
    uuid: string;
    email: string;
    firstName: string;
    lastName: string;
    password?: string | undefined;
    termsExempt?: boolean | undefined;
  },
  madeBy: string,
): Promise<Account> => {
  const passwordHash = user.password === undefined ? null : await ctx.passwords.hash(user.password);
  return changing(ctx, async (tx) => {
    await holdUuid(tx, user.uuid);
    const there = await lockAccount(tx, 'uuid', user.uuid);
    if (!there) return makeAccount(ctx, tx, { ...user, passwordHash, madeBy });
    if (there.username !== user.email.toLowerCase() || there.madeBy !== madeBy) throw conflict('user.taken');
    return there;
  });
};

type Change<T> = (account: Account, tx: Tx, stale: Invalidate) => Promise<T>;
/** Locks the account of `changingAccount`. @throws not_found user.absent */
export const accountToChange = async (
  ctx: IdentityRequest,
  uuid: string,
  tx: Tx,
  stale: Invalidate,
): Promise<Account> => {
  const account = isUuid(uuid) ? await lockAccount(tx, 'uuid', uuid) : undefined;
  if (!account) throw notFound('user.absent');
  demandAbove(ctx, account);
  stale(`account:${account.id}`);
  return account;
};
/** Locks the account, does `work`, and makes every process forget what it knew of it. @throws not_found user.absent */
export const changingAccount = <T>(ctx: IdentityRequest, uuid: string, work: Change<T>): Promise<T> =>
  changing(ctx, async (tx, stale) => work(await accountToChange(ctx, uuid, tx, stale), tx, stale));
/** By a component, once: who was judged already stays as he is, so a late repetition does not undo a rejection or a deactivation. */
export const activate = (ctx: IdentityRequest, uuid: string): Promise<void> =>
  changingAccount(ctx, uuid, async (a, tx, stale) => {
    if (!a.moderated) await acceptAndActivate(ctx, tx, stale, a, 'component');
  });
/**
 * Only users made by this component, and none who became an administrator here; with everything that was made with their tokens.
 * Absent is success. @throws forbidden user.foreign, user.protected
 */
export const removeUser = (ctx: IdentityRequest, uuid: string, component: string): Promise<void> =>
  changing(ctx, async (tx, stale) => {
    const account = await lockAccount(tx, 'uuid', uuid);
    if (!account) return;
    if (account.madeBy !== component) throw forbidden('user.foreign');
    demandReachable(ctx, account);
    await revokeAll(ctx, tx, stale, account, 'deletion', 'everything');
    await deleteAccount(tx, account.id);
    await audit(ctx, tx, 'user.delete', uuid);
  });

/**
 * All old tokens die with everything that was made with them, one new one is made; of two renewals at once one is the last (contract
 * identity §3.2). `by`: the token of whoever asks. The new token is made with it; one's own takes its place and lives no longer.
 */
export const renewTokens = (ctx: IdentityRequest, uuid: string, by?: UserToken): Promise<MintedToken> =>
  changingAccount(ctx, uuid, async (a, tx, stale) => {
    demandActive(a);
    const own = by?.user.id === a.id;
    const parent = own ? undefined : await parentOf(tx, by);
    await revokeAll(ctx, tx, stale, a, 'renewal', 'everything');
    const made = await mint(tx, {
      kind: 'api',
      accountId: a.id,
      seconds: ctx.settings.tokenSeconds,
      notAfter: own && by ? lifeOf(by) : null,
      parentAuditId: parent ?? null,
    });
    await audit(ctx, tx, 'token.mint', uuid, 'ok', { audit_id: made.auditId });
    return made;
  });

/** One more token, with a name of its own. */
export const issueNamed = (ctx: IdentityRequest, uuid: string, label: string): Promise<MintedToken> =>
  changingAccount(ctx, uuid, async (a, tx) => {
    demandActive(a);
    const made = await mint(tx, { kind: 'api', accountId: a.id, label, seconds: ctx.settings.tokenSeconds });
    await audit(ctx, tx, 'token.mint', a.uuid, 'ok', { audit_id: made.auditId, label });
    return made;
  });
