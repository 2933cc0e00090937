import type { Tx } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import {
  credentialIdsOf,
  deleteCredentials,
  findDerived,
  lockCredentials,
  revokeDerived,
  revokeSignIns,
  setReadOnly,
  type Except,
  type Roots,
} from '../store/derived.js';
import { audit } from './audit.js';
import { changing, type Stale } from './changes.js';
import type { TokenRecord } from './tokens.js';

type Tell = (what: Stale) => void;
/**
 * How far an end reaches. `revoked`: everything that was made with the token, as far as it goes: exchanged tokens, named tokens,
 * application credentials and their tokens. `signed out`: only what was exchanged for it; what the user made while signed in stays.
 */
type End = 'revoked' | 'signed out';

/**
 * Ends tokens and credentials and what was made with them. It looks again until a look finds nothing that lives: whoever makes a token
 * holds its parent (`holdParent`) or credential, so what began before this is seen in the next look, and what comes later is refused.
 * @returns how many were ended
 */
export const endDerived = async (
  tx: Tx,
  stale: Tell,
  roots: Roots,
  except: Except = {},
): Promise<{ tokens: number; credentials: number }> => {
  let tokens = 0;
  const held = new Set<string>();
  for (;;) {
    const ended = await revokeDerived(tx, roots, except);
    const found = ended.credentials.filter((id) => !held.has(id));
    if (found.length) await lockCredentials(tx, found);
    for (const id of found) held.add(id);
    for (const id of ended.accounts) stale(`account:${id}`);
    for (const key of ended.keys) stale(`token:${key}`);
    tokens += ended.tokens;
    if (!ended.live && !found.length) break;
  }
  // Last, since their tokens go with them, and with those the way to what was made with those.
  const gone = held.size ? await deleteCredentials(tx, [...held]) : [];
  for (const { accountId } of gone) stale(`account:${accountId}`);
  return { tokens, credentials: gone.length };
};
const exceptAt = (end: End): Except => ({ kept: end === 'signed out' });
const one = (auditId: string): Roots => ({ tokens: [auditId], credentials: [] });

/** @returns false when there was nothing to revoke */
export const revoke = (ctx: IdentityRequest, t: TokenRecord, end: End = 'revoked'): Promise<boolean> =>
  changing(ctx, async (tx, stale) => {
    stale(`token:${t.key}`);
    const ended = await endDerived(tx, stale, one(t.auditId), exceptAt(end));
    if (ended.tokens)
      await audit(ctx, tx, 'token.revoke', t.user?.uuid ?? null, 'ok', { audit_id: t.auditId, end, ...ended });
    return ended.tokens > 0;
  });
export const revokeByAuditId = (ctx: IdentityRequest, auditId: string, end: End = 'revoked'): Promise<void> =>
  changing(ctx, async (tx, stale) => {
    const ended = await endDerived(tx, stale, one(auditId), exceptAt(end));
    if (ended.tokens) await audit(ctx, tx, 'token.revoke', null, 'ok', { audit_id: auditId, end, ...ended });
  });
/**
 * How far the end of all tokens of an account reaches. `sign-ins`: its tokens that are not named, and no further. `tokens`: all its tokens and
 * everything that was made with them, for whomever; its own application credentials stay, as in Keystone. `everything`: all its
 * application credentials too, whatever made them: none is trusted any more.
 */
export type Reach = 'sign-ins' | 'tokens' | 'everything';
/** Ends all tokens of an account, in the caller's transaction. Of those that are over, what was made with them ends. */
export const revokeAll = async (
  ctx: IdentityRequest,
  tx: Tx,
  stale: Tell,
  account: { id: number; uuid: string },
  why: string,
  reach: Reach,
): Promise<void> => {
  stale(`account:${account.id}`);
  const ended =
    reach === 'sign-ins'
      ? { tokens: await revokeSignIns(tx, account.id), credentials: 0 }
      : await endDerived(
          tx,
          stale,
          {
            account: account.id,
            tokens: [],
            credentials: reach === 'everything' ? await credentialIdsOf(tx, account.id) : [],
          },
          { credentialsOf: reach === 'tokens' ? account.id : null },
        );
  if (ended.tokens || ended.credentials)
    await audit(ctx, tx, 'token.revoke_all', account.uuid, 'ok', { why, ...ended });
};
/**
 * From now on the token may only read. What was made with it before had more rights than it has, so that ends. Absent is success.
 * The portal says so of tokens that it made before identity knew of this.
 */
export const restrictToReading = (ctx: IdentityRequest, auditId: string): Promise<void> =>
  changing(ctx, async (tx, stale) => {
    const t = await setReadOnly(tx, auditId);
    if (!t) return;
    const made = await findDerived(tx, one(auditId));
    const ended = await endDerived(tx, stale, {
      tokens: made.tokens.filter((id) => id !== auditId),
      credentials: made.credentials,
    });
    stale(`token:${t.key}`);
    await audit(ctx, tx, 'token.read_only', null, 'ok', { audit_id: auditId, ...ended });
  });
