import { afterCommit, logSecurity, type Queryable } from '@nefos/service-kit';
import { insertAuditEvent, listAuditEvents } from '../store/audit.js';
import type { IdentityRequest } from '../../ctx.js';

/** One line of the append-only record. Never a token, password, cookie or header. */
export interface AuditEvent {
  actor: string;
  action: string;
  target?: string | null;
  result: 'ok' | 'refused';
  ip?: string | null;
  requestId?: string | null;
  /** Public name of the token by which the actor acted. */
  auditId?: string | null;
  detail?: Record<string, unknown>;
}
/** A line as it was recorded. */
export interface AuditRow extends Required<Omit<AuditEvent, 'detail'>> {
  id: string;
  at: string;
  detail: Record<string, unknown> | null;
}
export interface AuditFilter {
  limit: number;
  /** Only lines older than this one: the last of the page before. */ before?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  target?: string | undefined;
  result?: string | undefined;
  /** An instant, as PostgreSQL reads it. */ since?: string | undefined;
}
/** Newest first. */
export const auditEvents = (ctx: IdentityRequest, filter: AuditFilter): Promise<AuditRow[]> =>
  listAuditEvents(ctx.db, filter);
/** Records in the caller's transaction, so that a change and its record exist together, and tells the log once that has committed. */
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
  if (result === 'refused') ctx.told.security = true;
  afterCommit(q, () =>
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
