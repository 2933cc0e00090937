import { hash, randomBytes } from 'node:crypto';
import { parseInstant } from '@nefos/contracts';
import { millis } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import { mustSign } from '../../access/domain/holders.js';
import {
  findCredential,
  findCredentialByName,
  insertCredential,
  listCredentials,
  lockCredential,
  type Credential,
  type NewCredential,
} from '../store/application-credentials.js';
import { accountById, accountByUuid, type Account } from '../../accounts/domain/accounts.js';
import { audit } from '../../access/domain/audit.js';
import { transactionWithInvalidation } from '../../access/domain/changes.js';
import { bad, forbidden, notFound, tooMany, unauthenticated } from '../../access/domain/errors.js';
import { demandUnrestricted, demandMayWrite, latestExpiry, parentOf } from '../../access/domain/derivation.js';
import { demandAbove } from '../../accounts/domain/ranks.js';
import { endDerived } from '../../access/domain/revocation.js';
import { isAdmin, rolesOf, type Role } from '../../access/domain/roles.js';
import { refuseUnsigned, signInGate } from './sign-in.js';
import { projectOf, type UserToken } from '../../access/domain/tokens.js';

export type { Credential };

/** What a user asks for; null and absent mean the default. */
export interface CredentialRequest {
  name: string;
  /** Absent: one is generated. */
  secret?: string | null | undefined;
  description?: string | null | undefined;
  expiresAt?: string | null | undefined;
  /** Absent or empty: all roles of the token. */
  roles?: readonly RoleReference[] | null | undefined;
  unrestricted?: boolean | null | undefined;
  accessRules?: readonly unknown[] | null | undefined;
}
type RoleReference = { id: string } | { name: string };

/**
 * The account whose credentials are meant: the caller's own, or any for an administrator. @throws forbidden; not_found
 * user.absent
 */
const ownerFor = async (
  ctx: IdentityRequest,
  t: UserToken,
  uuid: string,
): Promise<Pick<Account, 'id' | 'isSuperuser' | 'groups'>> => {
  if (t.user.uuid !== uuid && !isAdmin(ctx, await ctx.directory.get(), t)) throw forbidden();
  return accountByUuid(ctx.db, uuid);
};
/** An instant in the future, in ISO 8601. @throws invalid credential.expires */
const futureInstant = (text: string, now: Date): string => {
  const found = text[10] === 'T' ? parseInstant(text) : undefined;
  if (!found || found.ms <= now.getTime()) throw bad('credential.expires');
  return new Date(found.ms).toISOString();
};
/** The earlier of two expiries; null: none. */
const earlier = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && millis(b) < millis(a)) ? b : a;
/**
 * The names of the requested roles, all of them held; without a request all that are held (contract identity §12.4).
 */
const grantedRoles = (held: readonly Role[], requested: readonly RoleReference[] | null | undefined): string[] => {
  if (!requested?.length) return [...new Set(held.map((role) => role.name))];
  const names = requested.map((reference) => {
    const role = held.find((one) => ('id' in reference ? one.id === reference.id : one.name === reference.name));
    if (!role) throw bad('credential.roles');
    return role.name;
  });
  return [...new Set(names)];
};
/**
 * Makes a credential for the caller. It is bound to the token's project, has at most the token's roles, and is revoked
 * with the token. The secret is in this answer only. Access rules are refused, since no service would enforce them
 * (contract identity §12.4).
 */
export const createCredential = async (
  ctx: IdentityRequest,
  t: UserToken,
  uuid: string,
  request: CredentialRequest,
): Promise<{ credential: Credential; secret: string }> => {
  if (t.user.uuid !== uuid) throw forbidden();
  demandMayWrite(t);
  demandUnrestricted(t);
  if (request.accessRules?.length) throw bad('credential.rules');
  const project = projectOf(t);
  if (!project) throw forbidden('credential.scope');
  const roles = grantedRoles(rolesOf(await ctx.directory.get(), t), request.roles);
  const requestedEnd = typeof request.expiresAt === 'string' ? futureInstant(request.expiresAt, ctx.clock.now()) : null;
  const secret = request.secret ?? `ac_${randomBytes(32).toString('base64url')}`;
  const row: NewCredential = {
    id: randomBytes(16).toString('hex'),
    accountId: t.user.id,
    project,
    name: request.name,
    description: request.description ?? null,
    secretHash: await ctx.passwords.hash(secret),
    roles,
    unrestricted: request.unrestricted ?? false,
    expiresAt: earlier(requestedEnd, latestExpiry(t)),
    parentAuditId: t.auditId,
  };
  await ctx.db.transaction(async (tx) => {
    await parentOf(tx, t);
    await insertCredential(tx, row);
    await audit(ctx, tx, 'credential.create', uuid, 'ok', { id: row.id, made_with: t.auditId });
  });
  return { credential: await credentialOf(ctx, t, uuid, row.id), secret };
};
/** For the owner and for administrators. @throws forbidden; not_found credential.absent */
export const credentialOf = async (
  ctx: IdentityRequest,
  t: UserToken,
  uuid: string,
  id: string,
): Promise<Credential> => {
  const owner = await ownerFor(ctx, t, uuid);
  const found = await findCredential(ctx.db, id);
  if (found?.accountId !== owner.id) throw notFound('credential.absent');
  return found;
};
/** Credentials of one user by id, for the user and for administrators. */
export const credentialsOf = async (
  ctx: IdentityRequest,
  t: UserToken,
  uuid: string,
  page: { limit: number; marker?: string | undefined; name?: string | undefined },
): Promise<Credential[]> => {
  const owner = await ownerFor(ctx, t, uuid);
  return listCredentials(ctx.db, owner.id, page);
};
/**
 * Deletes a credential with its tokens and what was made with those. For the owner, and for an administrator above the
 * owner.
 */
export const removeCredential = async (ctx: IdentityRequest, t: UserToken, uuid: string, id: string): Promise<void> => {
  demandMayWrite(t);
  demandUnrestricted(t);
  const owner = await ownerFor(ctx, t, uuid);
  demandAbove(ctx, owner);
  await transactionWithInvalidation(ctx, async (tx, invalidate) => {
    if (!(await lockCredential(tx, owner.id, id))) throw notFound('credential.absent');
    const ended = await endDerived(tx, invalidate, { tokens: [], credentials: [id] });
    await audit(ctx, tx, 'credential.delete', uuid, 'ok', { id, ...ended });
  });
};
/** A credential by its id, or by its name among those of an account. */
type CredentialReference = { id: string } | { owner: number; name: string };
interface Authenticated {
  credential: Credential;
  account: Account;
}
/**
 * The credential and its owner, if the secret is right. Wrong, expired and unknown get the same answer after the same
 * work, and are counted like failed sign-ins. @throws unauthenticated credentials.wrong, terms.pending; too_many
 */
export const checkCredentialSecret = (
  ctx: IdentityRequest,
  wanted: CredentialReference,
  secret: string,
): Promise<Authenticated> => signInGate(() => checkSecret(ctx, wanted, secret));
const checkSecret = async (
  ctx: IdentityRequest,
  wanted: CredentialReference,
  secret: string,
): Promise<Authenticated> => {
  const address = ctx.ip ?? 'local';
  const wait = await ctx.limits.address.exhausted(address);
  if (wait !== null) throw tooMany(wait);
  const credential =
    'id' in wanted
      ? await findCredential(ctx.db, wanted.id)
      : await findCredentialByName(ctx.db, wanted.owner, wanted.name);
  // A credential that does not exist has a counter too: refusals take the same time and reveal the same.
  const key = `ac:${credential?.id ?? `?${hash('sha256', JSON.stringify(wanted)).slice(0, 32)}`}`;
  const locked = (await ctx.limits.account.exhausted(key)) !== null;
  const { matches } = await ctx.passwords.verify(credential?.secretHash, secret);
  const account = await accountById(ctx.db, credential?.accountId ?? 0);
  if (!credential || !account?.isActive || !matches || locked || isExpired(ctx, credential)) {
    ctx.signIns.inc({ outcome: 'credential' });
    await Promise.all([
      ctx.limits.address.count(address),
      locked ? null : ctx.limits.account.count(key),
      audit(ctx, ctx.db, 'login', account?.uuid ?? null, 'refused', {
        credential: credential?.id ?? null,
        reason: 'credential',
      }),
    ]);
    throw unauthenticated('credentials.wrong');
  }
  await ctx.limits.account.reset(key);
  if (await mustSign(ctx, ctx.db, account.id)) return refuseUnsigned(ctx, account.uuid, { credential: credential.id });
  ctx.signIns.inc({ outcome: 'ok' });
  return { credential, account };
};
const isExpired = (ctx: IdentityRequest, { expiresAt }: Credential): boolean =>
  expiresAt !== null && millis(expiresAt) <= ctx.clock.now().getTime();
