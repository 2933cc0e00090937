import { parseInstant } from '@nefos/contracts';
import { enqueue, ensureJob, Fault, invalid, notFound } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { notifyCaller } from '../../access/domain/callers.js';
import { dbOf } from '../../access/domain/claim.js';
import type { Page } from '../../lists/list-plan.js';
import type { Query } from '../../lists/list-query.js';
import { invalidValue, refusal } from '../../refusals.js';
import {
  countTokens,
  findToken,
  insertToken,
  listReadOnlyUnknown,
  listRevoked,
  markReadOnlyKnown,
  pageOfTokens,
  removeRevoked,
  revokeToken,
  type Token,
} from '../store/tokens.js';
import { succeededUnlessProtected } from './protected.js';
import { demandAboveOrSelf } from './ranks.js';
import { deletedUser, getUser } from './users.js';

export type { Token };
const REVOKE = 'token.revoke';
const MAX_TOKENS = 100;
/**
 * How long a process may still take a token for valid after identity revoked it. One hour, far longer than any process
 * remembers a token.
 */
const VERIFIER_MEMORY_MS = 3_600_000;

/**
 * The end of a token's life, in UTC; a time without offset is UTC.
 * @throws Fault invalid: no time, or not in the future
 */
export const readExpiry = (expiry: string | null, now: Date): string | null => {
  if (expiry === null) return null;
  const found = parseInstant(expiry);
  if (!found || found.dateOnly) throw invalid([{ path: ['expires_at'], rule: 'datetime' }]);
  if (found.ms <= now.getTime()) throw invalidValue(['expires_at'], 'token.expiry');
  return new Date(found.ms).toISOString();
};

/** @throws Fault not_found, forbidden, invalid/filter */
export const listTokens = async (ctx: ComputeCtx, userId: number, query: Query): Promise<Page<Token>> => {
  demandAboveOrSelf(ctx, await getUser(ctx, userId));
  return pageOfTokens(dbOf(ctx), userId, query);
};
/** For `.catch`: throws the conflict when identity refuses to issue a token to this user, else the error. */
const unlessUserRefused =
  (ctx: ComputeCtx) =>
  (err: unknown): never => {
    if (!(err instanceof Fault && (err.kind === 'not_found' || err.kind === 'conflict'))) throw err;
    throw err.code === 'identity.terms_pending'
      ? refusal('conflict', 'login.terms', { url: ctx.config.NEFOS_PUBLIC_URL })
      : refusal('conflict', 'user.can_not_sign_in');
  };
/**
 * Asks identity to issue a token; its key is returned once and stored nowhere here. The token carries the user's own
 * name and rights, here and at identity: for a staff user only that user and superusers may have one issued (contract
 * compute §2.1). It has no more rights and no longer life than the credential of the request, and is revoked with that.
 * @throws Fault not_found, unauthenticated for the caller; forbidden, invalid, conflict/user.can_not_sign_in,
 * conflict/login.terms, unavailable
 */
export const createToken = async (
  ctx: ComputeRequest,
  userId: number,
  { name, expiresAt: expiry, readOnly }: { name: string; expiresAt: string | null; readOnly: boolean },
): Promise<Token & { key: string }> => {
  const user = await getUser(ctx, userId);
  demandAboveOrSelf(ctx, user);
  const expiresAt = readExpiry(expiry, ctx.clock.now());
  if ((await countTokens(dbOf(ctx), userId)) >= MAX_TOKENS)
    throw invalidValue(['name'], 'token.too_many', { max: MAX_TOKENS });
  const issued = await ctx.identity
    .issueToken(user.uuid, { label: name, expiresAt, readOnly, madeWith: ctx.principal?.auditId })
    .catch(unlessUserRefused(ctx));
  const { token: key, readOnly: readOnlyAtIdentity, ...times } = issued;
  try {
    const row = await dbOf(ctx).transaction((tx) =>
      insertToken(tx, { userId, name, readOnly, readOnlyAtIdentity, ...times }, deletedUser(ctx, userId)),
    );
    return { ...row, key };
  } catch (err) {
    // Nobody has the key yet. Without its row the token could not be listed or revoked here.
    await ctx.identity.revokeToken(issued.auditId).catch(() => undefined);
    throw err;
  }
};
/**
 * Makes every process refuse the token at once. Identity is told after the commit; a job repeats this until
 * identity has answered.
 * @throws Fault not_found
 */
export const deleteToken = async (ctx: ComputeCtx, userId: number, id: number): Promise<void> => {
  const user = await getUser(ctx, userId);
  demandAboveOrSelf(ctx, user);
  const auditId = await dbOf(ctx).transaction(async (tx) => {
    const found = await revokeToken(tx, userId, id, ctx.clock.now());
    if (found === undefined) throw notFound('token.not_found');
    await notifyCaller(tx, user.uuid);
    await enqueue(tx, REVOKE, { id }, { key: `${REVOKE}:${id}` });
    return found;
  });
  ctx.callers.drop(user.uuid);
  if (auditId === null) return;
  ctx.verifier.forgetAuditId(auditId);
  await ctx.identity.revokeToken(auditId).catch((err: unknown) => {
    ctx.log.warn({ err, audit_id: auditId }, 'identity could not be told of a revoked token; a job tells it');
  });
};
/** The job `token.revoke`. The row stays while a process may still take the token for valid. */
export const finishRevoke = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const row = await findToken(ctx.db, id);
  if (!row || row.revokedAt === null || row.auditId === null) return;
  if (!(await succeededUnlessProtected(ctx.identity.revokeToken(row.auditId)))) {
    // The row stays, so that the token is refused here.
    ctx.log.warn(
      { audit_id: row.auditId },
      "identity protects an administrator's token: an administrator has to revoke it there",
    );
    return;
  }
  await removeRevoked(ctx.db, id, new Date(ctx.clock.now().getTime() - VERIFIER_MEMORY_MS));
};
/** Tells identity which tokens are read-only, where it does not know yet. @returns how many there were */
export const sweepReadOnly = async (ctx: ComputeCtx): Promise<number> => {
  const rows = await listReadOnlyUnknown(ctx.db, 1000);
  for (const { id, auditId } of rows) {
    if (!(await succeededUnlessProtected(ctx.identity.restrictToken(auditId))))
      ctx.log.warn(
        { audit_id: auditId },
        "identity protects an administrator's token: it is read-only in the portal alone",
      );
    await markReadOnlyKnown(ctx.db, id);
  }
  return rows.length;
};
/** Enqueues the job of every revoked token that still has a row. @returns how many there are */
export const sweepTokens = async (ctx: ComputeCtx): Promise<number> => {
  const ids = await listRevoked(ctx.db, 1000);
  for (const id of ids) await ctx.db.transaction((tx) => ensureJob(tx, REVOKE, { id }, { key: `${REVOKE}:${id}` }));
  return ids.length;
};
