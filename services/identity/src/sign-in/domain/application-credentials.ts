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
import { changing } from '../../access/domain/changes.js';
import { bad, forbidden, notFound, tooMany, unauthenticated } from '../../access/domain/errors.js';
import { demandUnrestricted, demandWriting, lifeOf, parentOf } from '../../access/domain/derivation.js';
import { demandAbove } from '../../accounts/domain/ranks.js';
import { endDerived } from '../../access/domain/revocation.js';
import { isAdmin, rolesOf } from '../../access/domain/roles.js';
import { refuseUnsigned, signInGate } from './sign-in.js';
import { projectOf, type UserToken } from '../../access/domain/tokens.js';

export type { Credential };

export interface CredentialWish {
  name: string;
  secret?: string | null | undefined;
  description?: string | null | undefined;
  expires_at?: string | null | undefined;
  roles?: readonly ({ id: string } | { name: string })[] | null | undefined;
  unrestricted?: boolean | null | undefined;
  access_rules?: readonly unknown[] | null | undefined;
}

const ownOnly = (t: UserToken, uuid: string): void => {
  if (t.user.uuid !== uuid) throw forbidden();
};
/** Of one's own, or, for an administrator, of anybody. @throws forbidden; not_found user.absent */
const ownerFor = async (
  ctx: IdentityRequest,
  t: UserToken,
  uuid: string,
): Promise<Pick<Account, 'id' | 'isSuperuser' | 'groups'>> => {
  if (t.user.uuid !== uuid && !isAdmin(ctx, await ctx.directory.get(), t)) throw forbidden();
  return accountByUuid(ctx.db, uuid);
};
const instant = (text: string, now: Date): string => {
  const found = text[10] === 'T' ? parseInstant(text) : undefined;
  if (!found || found.ms <= now.getTime()) throw bad('credential.expires');
  return new Date(found.ms).toISOString();
};
const earlier = (a: string | null, b: string | null): string | null =>
  a === null || (b !== null && millis(b) < millis(a)) ? b : a;
/** Bound to the token's project, with at most its roles, and revoked with it; the secret is answered once. Rules that nobody would enforce are refused (contract identity §12.4). */
export const createCredential = async (
  ctx: IdentityRequest,
  t: UserToken,
  uuid: string,
  wish: CredentialWish,
): Promise<{ credential: Credential; secret: string }> => {
  ownOnly(t, uuid);
  demandWriting(t);
  demandUnrestricted(t);
  if (wish.access_rules?.length) throw bad('credential.rules');
  const project = projectOf(t);
  if (!project) throw forbidden('credential.scope');
  const held = rolesOf(await ctx.directory.get(), t);
  // An empty list means all (contract identity §12.4).
  const asked = wish.roles?.length
    ? wish.roles.map((r) => {
        const role = held.find((h) => ('id' in r ? h.id === r.id : h.name === r.name));
        if (!role) throw bad('credential.roles');
        return role.name;
      })
    : held.map((r) => r.name);
  const roles = [...new Set(asked)];
  const expiresAt = earlier(
    typeof wish.expires_at === 'string' ? instant(wish.expires_at, ctx.clock.now()) : null,
    lifeOf(t),
  );
  const secret = wish.secret ?? `ac_${randomBytes(32).toString('base64url')}`;
  const row: NewCredential = {
    id: randomBytes(16).toString('hex'),
    accountId: t.user.id,
    project,
    name: wish.name,
    description: wish.description ?? null,
    secretHash: await ctx.passwords.hash(secret),
    roles,
    unrestricted: wish.unrestricted ?? false,
    expiresAt,
    parentAuditId: t.auditId,
  };
  await ctx.db.transaction(async (tx) => {
    await parentOf(tx, t);
    await insertCredential(tx, row);
    await audit(ctx, tx, 'credential.create', uuid, 'ok', { id: row.id, made_with: t.auditId });
  });
  return { credential: await credentialOf(ctx, t, uuid, row.id), secret };
};
/** The owner's, for the owner and for administrators. @throws not_found credential.absent */
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
export const credentialsOf = async (
  ctx: IdentityRequest,
  t: UserToken,
  uuid: string,
  page: { limit: number; marker?: string | undefined; name?: string | undefined },
): Promise<Credential[]> => {
  const owner = await ownerFor(ctx, t, uuid);
  return listCredentials(ctx.db, owner.id, page);
};
/** Its tokens go with it, and what was made with those. By the owner, or by an administrator above the owner. */
export const removeCredential = async (ctx: IdentityRequest, t: UserToken, uuid: string, id: string): Promise<void> => {
  demandWriting(t);
  demandUnrestricted(t);
  const owner = await ownerFor(ctx, t, uuid);
  demandAbove(ctx, owner);
  await changing(ctx, async (tx, stale) => {
    if (!(await lockCredential(tx, owner.id, id))) throw notFound('credential.absent');
    const ended = await endDerived(tx, stale, { tokens: [], credentials: [id] });
    await audit(ctx, tx, 'credential.delete', uuid, 'ok', { id, ...ended });
  });
};
/** The credential and its owner, if the secret is right; wrong, expired and unknown look and take the same, and are counted like failed sign-ins. */
export const checkCredentialSecret = (
  ctx: IdentityRequest,
  wanted: { id: string } | { owner: number; name: string },
  secret: string,
): Promise<{ credential: Credential; account: Account }> => signInGate(() => checkSecret(ctx, wanted, secret));
const checkSecret = async (
  ctx: IdentityRequest,
  wanted: { id: string } | { owner: number; name: string },
  secret: string,
): Promise<{ credential: Credential; account: Account }> => {
  const address = ctx.ip ?? 'local';
  const wait = await ctx.limits.address.exhausted(address);
  if (wait !== null) throw tooMany(wait);
  const credential =
    'id' in wanted
      ? await findCredential(ctx.db, wanted.id)
      : await findCredentialByName(ctx.db, wanted.owner, wanted.name);
  // What does not exist is counted, locked and looked for as what does: a refusal takes as long and tells as little.
  const key = `ac:${credential?.id ?? `?${hash('sha256', JSON.stringify(wanted)).slice(0, 32)}`}`;
  const locked = (await ctx.limits.account.exhausted(key)) !== null;
  const { right } = await ctx.passwords.verify(credential?.secretHash, secret);
  const account = await accountById(ctx.db, credential?.accountId ?? 0);
  if (
    !credential ||
    !account ||
    !right ||
    locked ||
    !account.isActive ||
    (credential.expiresAt !== null && millis(credential.expiresAt) <= ctx.clock.now().getTime())
  ) {
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
