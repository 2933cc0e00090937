import { parseInstant } from '@nefos/contracts';
import { conflict, enqueue, Fault, notFound } from '@nefos/service-kit';
import type { ComputeCtx, ComputeRequest } from '../../ctx.js';
import { dbOf } from '../../access/domain/claim.js';
import { notifyCaller } from '../../access/domain/callers.js';
import { selectPage } from '../../lists/select-page.js';
import {
  countTokens,
  findToken,
  insertToken,
  listRevoked,
  listUntold,
  markToldReadOnly,
  removeRevoked,
  revokeToken,
  tokenList,
  type TokenRow,
} from '../store/tokens.js';
import { planList, readListQuery, type Page } from '../../lists/list-query.js';
import { unlessProtected } from './protected.js';
import { demandAboveOrSelf } from './ranks.js';
import { termsWait } from './sessions.js';
import { getUser, userGone } from './users.js';

export type { TokenRow };
const REVOKE = 'token.revoke';
const MOST = 100;
const bad = (path: string, rule: string, values: Record<string, unknown> = {}): Fault =>
  new Fault('invalid', 'validation', { issues: [{ path: [path], rule, values }] });

/** The end of a token's life, which must lie ahead; without an offset it is UTC. */
export const readExpiry = (said: string | null, now: Date): string | null => {
  if (said === null) return null;
  const found = parseInstant(said);
  if (!found || found.dateOnly) throw bad('expires_at', 'datetime');
  if (found.ms <= now.getTime()) throw bad('expires_at', 'text', { text: 'The expiry must lie in the future.' });
  return new Date(found.ms).toISOString();
};

export const listTokens = async (
  ctx: ComputeCtx,
  userId: number,
  query: Readonly<Record<string, unknown>>,
): Promise<Page<TokenRow>> => {
  demandAboveOrSelf(ctx, await getUser(ctx, userId));
  return selectPage<TokenRow>(
    dbOf(ctx),
    planList(tokenList, readListQuery(tokenList, query), [
      { sql: 't.user_id = $::int and t.revoked_at is null', values: [userId] },
    ]),
  );
};
/**
 * Has identity issue a token; the key is told once and kept nowhere here. It carries the user's own name and rights, here and at identity:
 * a staff user's is for that user and for superusers (contract compute §2.1). It has no more rights or life than what the caller asks with,
 * and is revoked with that.
 * @throws Fault not_found, unauthenticated for the caller; forbidden; invalid; unavailable
 */
export const createToken = async (
  ctx: ComputeRequest,
  userId: number,
  wish: { name: string; expires_at: string | null; read_only: boolean },
): Promise<TokenRow & { key: string }> => {
  const user = await getUser(ctx, userId);
  demandAboveOrSelf(ctx, user);
  const expiresAt = readExpiry(wish.expires_at, ctx.clock.now());
  if ((await countTokens(dbOf(ctx), userId)) >= MOST)
    throw bad('name', 'text', { text: `A user has at most ${MOST} tokens.` });
  const asked = { label: wish.name, expiresAt, readOnly: wish.read_only, madeWith: ctx.principal?.auditId };
  const made = await ctx.identity.issueToken(user.uuid, asked).catch((err: unknown) => {
    if (!(err instanceof Fault && (err.kind === 'not_found' || err.kind === 'conflict'))) throw err;
    throw conflict('invalid_state', {
      detail: err.code === 'identity.terms_pending' ? termsWait(ctx) : 'The user can not sign in now.',
    });
  });
  try {
    const row = await dbOf(ctx).transaction((tx) =>
      insertToken(
        tx,
        {
          userId,
          name: wish.name,
          readOnly: wish.read_only,
          told: made.readOnly,
          auditId: made.auditId,
          createdAt: made.createdAt,
          expiresAt: made.expiresAt,
        },
        userGone(ctx, userId),
      ),
    );
    return { ...row, key: made.token };
  } catch (err) {
    // Nobody has seen the key; a token without its row could not be listed or revoked here.
    await ctx.identity.revokeToken(made.auditId).catch(() => undefined);
    throw err;
  }
};
/** Refused from this moment in every process; identity is told right after, and by a job until it has heard. @throws Fault not_found */
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
  ctx.verifier.forgetAuditId(auditId);
  await ctx.identity.revokeToken(auditId).catch((err: unknown) => {
    ctx.log.warn({ err, audit_id: auditId }, 'identity did not hear of a revoked token yet; the job tells it');
  });
};
/** The job's step. The row stays while any process might still remember the token as good (the verifier's grace, with room). */
export const finishRevoke = async (ctx: ComputeCtx, id: number): Promise<void> => {
  const row = await findToken(dbOf(ctx), id);
  if (!row?.revoked || row.audit_id === null) return;
  if (!(await unlessProtected(ctx.identity.revokeToken(row.audit_id)))) {
    // The row stays, so that the token is refused here.
    ctx.log.warn(
      { audit_id: row.audit_id },
      "identity protects an administrator's token: an administrator has to revoke it there",
    );
    return;
  }
  await removeRevoked(dbOf(ctx), id, new Date(ctx.clock.now().getTime() - 3_600_000));
};
/** Tells identity which tokens are read-only, where it does not know yet. @returns how many there were */
export const sweepReadOnly = async (ctx: ComputeCtx): Promise<number> => {
  const rows = await listUntold(dbOf(ctx), 1000);
  for (const { id, audit_id: auditId } of rows) {
    if (!(await unlessProtected(ctx.identity.restrictToken(auditId))))
      ctx.log.warn(
        { audit_id: auditId },
        "identity protects an administrator's token: it is read-only in the portal alone",
      );
    await markToldReadOnly(dbOf(ctx), id);
  }
  return rows.length;
};
/** @returns how many revoked tokens are still known here */
export const sweepTokens = async (ctx: ComputeCtx): Promise<number> => {
  const ids = await listRevoked(dbOf(ctx), 1000);
  for (const id of ids) await dbOf(ctx).transaction((tx) => enqueue(tx, REVOKE, { id }, { key: `${REVOKE}:${id}` }));
  return ids.length;
};
