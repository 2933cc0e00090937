import { run, type Queryable } from '@nefos/service-kit';
import type { AuditEvent } from '../domain/audit.js';

export const insertAuditEvent = (q: Queryable, e: AuditEvent): Promise<number> =>
  run(q, 'insert into audit_event (actor, action, target, result, ip, request_id, audit_id, detail) values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)', [
    e.actor,
    e.action,
    e.target ?? null,
    e.result,
    e.ip ?? null,
    e.requestId ?? null,
    e.auditId ?? null,
    e.detail ? JSON.stringify(e.detail) : null,
  ]);
