import type { Tx } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import {
  deleteCredentials,
  findCredentialIds,
  findDerived,
  listMadeForProject,
  lockCredentials,
  revokeDerived,
  revokeSignIns,
  setReadOnly,
  type Exclusion,
  type Roots,
} from '../store/derived.js';
import { audit } from './audit.js';
import { transactionWithInvalidation, type Invalidate } from './changes.js';
import type { TokenRecord } from './tokens.js';

/**
 * Why a token ends, which decides what ends with it. `revoked`: everything that was made with it, directly or not:
 * exchanged tokens, named tokens, application credentials and their tokens. `signed out`: only tokens that were
 * exchanged for it; what has a name stays.
 */
type EndReason = 'revoked' | 'signed out';

/**
 * Ends tokens and credentials and what was made with them. Repeats the search until it finds no live token. Making a
 * token share-locks its parent (`shareLockParent`) or credential, so a token made during one search is found by the
 * next, and a later one is refused.
 * @returns how many were ended
 */
export const endDerived = async (
  tx: Tx,
  invalidate: Invalidate,
  roots: Roots,
  exclusion: Exclusion = {},
): Promise<{ tokens: number; credentials: number }> => {
  let tokens = 0;
  const locked = new Set<string>();
  for (;;) {
    const ended = await revokeDerived(tx, roots, exclusion);
    const unlocked = ended.credentials.filter((id) => !locked.has(id));
    if (unlocked.length) await lockCredentials(tx, unlocked);
    for (const id of unlocked) locked.add(id);
    for (const id of ended.accounts) invalidate(`account:${id}`);
    for (const key of ended.keys) invalidate(`token:${key}`);
    tokens += ended.tokens;
    if (!ended.live && !unlocked.length) break;
  }
  // Last: deleting a credential deletes its tokens, and without those nothing that was made with them would be found.
  const deleted = locked.size ? await deleteCredentials(tx, [...locked]) : [];
  for (const { accountId } of deleted) invalidate(`account:${accountId}`);
  return { tokens, credentials: deleted.length };
};
const exclusionFor = (end: EndReason): Exclusion => ({ named: end === 'signed out' });
const oneToken = (auditId: string): Roots => ({ tokens: [auditId], credentials: [] });

/** @returns false when there was nothing to revoke */
export const revoke = (ctx: IdentityRequest, token: TokenRecord, end: EndReason = 'revoked'): Promise<boolean> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    const { auditId } = token;
    invalidate(`token:${token.key}`);
    const ended = await endDerived(tx, invalidate, oneToken(auditId), exclusionFor(end));
    if (ended.tokens)
      await audit(ctx, tx, 'token.revoke', token.user?.uuid ?? null, 'ok', { audit_id: auditId, end, ...ended });
    return ended.tokens > 0;
  });
/** Succeeds too when there is no such token. */
export const revokeByAuditId = (ctx: IdentityRequest, auditId: string, end: EndReason = 'revoked'): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    const ended = await endDerived(tx, invalidate, oneToken(auditId), exclusionFor(end));
    if (ended.tokens) await audit(ctx, tx, 'token.revoke', null, 'ok', { audit_id: auditId, end, ...ended });
  });
/**
 * What ends with all tokens of an account. `sign-ins`: its tokens without a name, and nothing else. `tokens`: all its
 * tokens and everything that was made with them, for whomever; its own application credentials stay, as in Keystone.
 * `everything`: all its application credentials too, whatever made them.
 */
export type RevocationExtent = 'sign-ins' | 'tokens' | 'everything';
/**
 * Ends all tokens of an account, in the caller's transaction. What was made with expired tokens ends too, unless the
 * extent is `sign-ins`.
 */
export const revokeAll = async (
  ctx: IdentityRequest,
  tx: Tx,
  invalidate: Invalidate,
  account: { id: number; uuid: string },
  why: string,
  extent: RevocationExtent,
): Promise<void> => {
  const { id, uuid } = account;
  invalidate(`account:${id}`);
  const ended =
    extent === 'sign-ins'
      ? { tokens: await revokeSignIns(tx, id), credentials: 0 }
      : await endDerived(
          tx,
          invalidate,
          { account: id, tokens: [], credentials: extent === 'everything' ? await findCredentialIds(tx, id) : [] },
          { credentialsOf: extent === 'tokens' ? id : null },
        );
  if (ended.tokens || ended.credentials) await audit(ctx, tx, 'token.revoke_all', uuid, 'ok', { why, ...ended });
};
/**
 * Makes a token read-only. Tokens made with it could still write, so they are revoked. Succeeds too when there is no
 * such token. The portal asks this for tokens that it issued before identity knew read-only ones.
 */
export const restrictToReading = (ctx: IdentityRequest, auditId: string): Promise<void> =>
  transactionWithInvalidation(ctx, async (tx, invalidate) => {
    const key = await setReadOnly(tx, auditId);
    if (key === undefined) return;
    const derived = await findDerived(tx, oneToken(auditId));
    const ended = await endDerived(tx, invalidate, {
      tokens: derived.tokens.filter((id) => id !== auditId),
      credentials: derived.credentials,
    });
    invalidate(`token:${key}`);
    await audit(ctx, tx, 'token.read_only', null, 'ok', { audit_id: auditId, ...ended });
  });
/**
 * Ends what was made for a project: of some accounts, or of all.
 * @param options.accounts uuids; absent: everybody's
 * @param options.credentials whether application credentials end, too. Those that stay belong to members of a project
 *   that is disabled for a while
 */
export const endInProject = async (
  tx: Tx,
  invalidate: Invalidate,
  project: string,
  { accounts, credentials }: { accounts?: readonly string[]; credentials: boolean },
): Promise<void> => {
  for (const { account, tokens, credentials: ids } of await listMadeForProject(tx, project, accounts ?? null)) {
    invalidate(`account:${account}`);
    await endDerived(
      tx,
      invalidate,
      { tokens, credentials: credentials ? ids : [] },
      { credentialsOf: credentials ? null : account },
    );
  }
};
