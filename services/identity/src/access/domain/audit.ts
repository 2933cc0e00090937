import { onCommit, logSecurity, type Queryable } from '@nefos/service-kit';
import {
  insertAuditEvent,
  listAuditEvents,
  wasMadeBy,
  type AuditEvent,
  type AuditFilter,
  type AuditRow,
} from '../store/audit.js';
import type { IdentityRequest } from '../../ctx.js';

export type { AuditRow };

/** Newest first. */
export const auditEvents = (ctx: IdentityRequest, filter: AuditFilter): Promise<AuditRow[]> =>
  listAuditEvents(ctx.db, filter);
/** Whether the caller made the token of this public name, by the record of that. The record is long: ask rarely. */
export const madeByCaller = (ctx: IdentityRequest, auditId: string): Promise<boolean> =>
  wasMadeBy(ctx.db, auditId, ctx.principal?.uuid ?? '');
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
