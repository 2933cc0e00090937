import { hash, randomBytes } from 'node:crypto';
import type { Queryable } from '@nefos/service-kit';
import {
  findTokenByAuditId,
  insertToken,
  ownerOfToken,
  type NewToken,
  type TokenRecord,
  type TokenSummary,
  type TokenUser,
} from '../store/tokens.js';
import { unauthenticated, type AuthCode } from './errors.js';
import { hashOf, keyOf, padOf } from './token-form.js';

export { findTokenByAuditId, ownerOfToken };
export type { Scope, TokenKind, TokenRecord, TokenUser } from '../store/tokens.js';

export type UserToken = TokenRecord & { user: TokenUser };
export interface MintedToken extends TokenSummary {
  token: string;
}

/** What is said of a token without an end, where the format wants an instant. */
export const NEVER = '9999-12-31 23:59:59+00';
const expired = (t: TokenRecord): boolean => t.leftMs !== null && t.leftMs <= 0;
/** Why a user's token is refused, in the order of contract identity §3.3; null when it is good. */
export const refusalOf = (t: TokenRecord | undefined): AuthCode | null => {
  if (!t?.user) return 'token.unknown';
  if (!t.user.isActive) return 'user.inactive';
  if (expired(t)) return 'token.expired';
  return t.user.termsSigned ? null : 'terms.pending';
};
export const isLive = (t: TokenRecord): boolean => (t.component ? !expired(t) : refusalOf(t) === null);
/** @throws Fault unauthenticated */
export const requireUser = (t: TokenRecord | undefined): UserToken => {
  const code = refusalOf(t);
  if (code) throw unauthenticated(code);
  return t as UserToken;
};
/** @throws Fault unauthenticated */
export const requireComponent = (
  t: TokenRecord | undefined,
): TokenRecord & { component: NonNullable<TokenRecord['component']> } => {
  if (!t?.component) throw unauthenticated('token.unknown');
  if (expired(t)) throw unauthenticated('token.expired');
  return t as TokenRecord & { component: NonNullable<TokenRecord['component']> };
};
/** The token as its owner once saw it: with the padding that was left away. */
export const shown = (t: TokenRecord, presented: string): string =>
  t.pad && padOf(presented) === 0 ? presented + '='.repeat(t.pad) : presented;
/** The project that the token speaks for; v3 tokens may have none. */
export const projectOf = (t: UserToken): string | null =>
  t.scope === 'project' ? (t.project ?? t.user.defaultProject) : null;

export const newAuditId = (): string => randomBytes(16).toString('base64url');
/** Makes a token: 32 random bytes in base64url, or 40 hex digits (contract compute §2 A1). Only its hash is stored. */
export const mint = async (
  q: Queryable,
  token: Omit<NewToken, 'hash' | 'auditId' | 'hint' | 'pad'> & { form?: 'hex' | 'base64url' },
): Promise<MintedToken> => {
  const { form = 'base64url', ...rest } = token;
  const text = form === 'hex' ? randomBytes(20).toString('hex') : randomBytes(32).toString('base64url');
  const made = await insertToken(q, {
    ...rest,
    hash: hash('sha256', text, 'buffer'),
    auditId: newAuditId(),
    hint: text.slice(0, 6),
  });
  if (!made) throw new Error('the same random token twice');
  return { ...made, token: text };
};
/** Stores a token that somebody else chose; nothing changes when it is there already. */
export const insertKnownToken = (
  q: Queryable,
  text: string,
  token: Omit<NewToken, 'hash' | 'auditId' | 'hint' | 'pad'>,
): Promise<TokenSummary | undefined> =>
  insertToken(q, {
    ...token,
    hash: hashOf(keyOf(text)),
    pad: padOf(text),
    auditId: newAuditId(),
    hint: text.slice(0, 6),
  });
