import { hash, randomBytes } from 'node:crypto';
import type { Queryable } from '@nefos/service-kit';
import type { IdentityCtx } from '../../ctx.js';
import * as records from '../store/token-records.js';
import type { TokenRecord, TokenUser } from '../store/token-records.js';
import { findOwnerOfToken, insertToken, type NewToken, type TokenSummary } from '../store/tokens.js';
import { unauthenticated, type AuthCode } from './errors.js';
import { hashOf, keyOf, paddingLength } from './token-form.js';

export type { TokenRecord, TokenUser } from '../store/token-records.js';
export type { Scope, TokenKind } from '../store/tokens.js';

export type UserToken = TokenRecord & { user: TokenUser };
export type ComponentToken = TokenRecord & { component: NonNullable<TokenRecord['component']> };
export const isUserToken = (t: TokenRecord): t is UserToken => t.user !== null;
const isComponentToken = (t: TokenRecord): t is ComponentToken => t.component !== null;
export interface MintedToken extends TokenSummary {
  /** The token itself; it can not be shown again. */
  token: string;
}

/** The expiry shown for a token that does not expire, where the format wants an instant. */
export const NEVER = '9999-12-31 23:59:59+00';
const expired = (t: TokenRecord): boolean => t.leftMs !== null && t.leftMs <= 0;
/** Why a user's token is refused, in the order of contract identity §3.3; null when it is good. */
export const refusalOf = (t: TokenRecord | undefined): AuthCode | null => {
  if (!t?.user) return 'token.unknown';
  if (!t.user.isActive) return 'user.inactive';
  if (expired(t)) return 'token.expired';
  return t.user.termsSigned ? null : 'terms.pending';
};
/** Whether the token is good: not expired, and of a component or of a user who may use it. */
export const isLive = (t: TokenRecord): boolean => (t.component ? !expired(t) : refusalOf(t) === null);
/** @throws Fault unauthenticated */
export const requireUser = (t: TokenRecord | undefined): UserToken => {
  const code = refusalOf(t);
  if (code) throw unauthenticated(code);
  return t as UserToken; // `refusalOf` refuses what is not a user's
};
/** @throws Fault unauthenticated */
export const requireComponent = (t: TokenRecord | undefined): ComponentToken => {
  if (!t || !isComponentToken(t)) throw unauthenticated('token.unknown');
  if (expired(t)) throw unauthenticated('token.expired');
  return t;
};
/** The token of this public name, if it is not revoked. */
export const findTokenByAuditId = (ctx: IdentityCtx, auditId: string): Promise<TokenRecord | undefined> =>
  records.findTokenByAuditId(ctx.db, auditId, ctx.settings.adminGroups);
/** The uuid of the user whose token this is or was; undefined for a component's and for none. */
export const ownerOfToken = (ctx: IdentityCtx, auditId: string): Promise<string | undefined> =>
  findOwnerOfToken(ctx.db, auditId);
/** The token as it was issued: with its base64 padding, which clients may leave out. */
export const asIssued = (t: TokenRecord, presented: string): string =>
  t.pad && paddingLength(presented) === 0 ? presented + '='.repeat(t.pad) : presented;
/** The project that the token is scoped to; v3 tokens may have none. */
export const projectOf = (t: UserToken): string | null =>
  t.scope === 'project' ? (t.project ?? t.user.defaultProject) : null;
/** Whether the token is scoped to a project that a component made, and not to the holder's own one. */
export const isOfComponentProject = (t: TokenRecord): boolean =>
  t.user !== null && t.scope === 'project' && t.project !== null && t.project !== t.user.uuid;

type TokenToMint = Omit<NewToken, 'hash' | 'auditId' | 'hint' | 'pad'>;
const newAuditId = (): string => randomBytes(16).toString('base64url');
/** Mints a token: 32 random bytes in base64url, or 20 in hex (contract compute §2 A1). Only its hash is stored. */
export const mint = async (q: Queryable, token: TokenToMint & { form?: 'hex' | 'base64url' }): Promise<MintedToken> => {
  const { form = 'base64url', ...rest } = token;
  const text = form === 'hex' ? randomBytes(20).toString('hex') : randomBytes(32).toString('base64url');
  const stored = await insertToken(q, {
    ...rest,
    hash: hash('sha256', text, 'buffer'),
    auditId: newAuditId(),
    hint: text.slice(0, 6),
  });
  if (!stored) throw new Error('a random token exists already');
  return { ...stored, token: text };
};
/** Stores a token that the operator chose. @returns undefined when it is stored already; then nothing changes */
export const insertKnownToken = (q: Queryable, text: string, token: TokenToMint): Promise<TokenSummary | undefined> =>
  insertToken(q, {
    ...token,
    hash: hashOf(keyOf(text)),
    pad: paddingLength(text),
    auditId: newAuditId(),
    hint: text.slice(0, 6),
  });
