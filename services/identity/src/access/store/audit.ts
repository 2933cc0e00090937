import { run, sql, type Queryable } from '@nefos/service-kit';
import type { AuditEvent, AuditFilter, AuditRow } from '../domain/audit.js';

export const insertAuditEvent = (q: Queryable, e: AuditEvent): Promise<number> =>
  run(
    q,
    'insert into audit_event (actor, action, target, result, ip, request_id, audit_id, detail) values ($1, $2, $3, $4, $5, $6, $7, $8::jsonb)',
    [
      e.actor,
      e.action,
      e.target ?? null,
      e.result,
      e.ip ?? null,
      e.requestId ?? null,
      e.auditId ?? null,
      e.detail ? JSON.stringify(e.detail) : null,
    ],
  );

/** Newest first, by an index whatever is asked for (migration audit-lists). */
export const listAuditEvents = (
  q: Queryable,
  { limit, before, actor, action, target, result, since }: AuditFilter,
): Promise<AuditRow[]> =>
  sql<AuditRow>(
    q,
    `select id, at, actor, action, target, result, ip, request_id "requestId", audit_id "auditId", detail from audit_event
     where ($2::bigint is null or id < $2) and ($3::text is null or actor = $3) and ($4::text is null or action = $4)
       and ($5::text is null or target = $5) and ($6::text is null or result = $6) and ($7::timestamptz is null or at >= $7)
     order by id desc limit $1`,
    [limit, before ?? null, actor ?? null, action ?? null, target ?? null, result ?? null, since ?? null],
  );
