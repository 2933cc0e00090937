import { logSecurity, onCommit, type Queryable } from '@nefos/service-kit';
import type { IdentityRequest } from '../../ctx.js';
import {
  insertAuditEvent,
  listAuditEvents,
  wasMintedBy,
  type AuditEvent,
  type AuditFilter,
  type AuditRow,
} from '../store/audit.js';

export type { AuditRow };

/** Audit events, newest first. */
export const auditEvents = (ctx: IdentityRequest, filter: AuditFilter): Promise<AuditRow[]> =>
  listAuditEvents(ctx.db, filter);
/**
 * Whether the caller minted the token of this public name, according to the audit log. Slow, because the log is long.
 */
export const mintedByCaller = (ctx: IdentityRequest, auditId: string): Promise<boolean> =>
  wasMintedBy(ctx.db, auditId, ctx.principal?.uuid ?? '');
/**
 * Records an event in the caller's transaction, so that a change and its record exist together, and logs it after the
 * commit.
 * @param q the transaction, or the database where nothing else is written
 * @param detail goes to the record as it is; never a secret
 */
export const audit = async (
  ctx: IdentityRequest,
  q: Queryable,
  action: string,
  target: string | null,
  result: AuditEvent['result'] = 'ok',
  detail?: Record<string, unknown>,
): Promise<void> => {
  await insertAuditEvent(q, {
    actor: ctx.principal?.uuid ?? ctx.actor,
    action,
    target,
    result,
    ip: ctx.ip,
    requestId: ctx.requestId,
    auditId: ctx.principal?.auditId ?? null,
    ...(detail && { detail }),
  });
  if (result === 'refused') ctx.logged.security = true;
  onCommit(q, () =>
    logSecurity(ctx.log, {
      event: action,
      result,
      who: ctx.principal?.uuid ?? (action === 'login' ? target : ctx.actor),
      from: ctx.ip,
      request_id: ctx.requestId,
      ...detail,
      ...(typeof detail?.reason === 'string' && { reason: undefined, why: detail.reason }),
      target,
    }),
  );
};
