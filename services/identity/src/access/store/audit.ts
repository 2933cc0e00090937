import { run, sql, type Queryable } from '@nefos/service-kit';

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
/** Whether `actor` made the token, by the record of that. By index of the token's public name. */
export const wasMadeBy = async (q: Queryable, auditId: string, actor: string): Promise<boolean> => {
  // The actor is compared here: where the statement names it, the database may choose to read all that this actor ever did.
  const makers = await sql<{ actor: string }>(
    q,
    `select actor from audit_event where action = 'token.mint' and detail->>'audit_id' = $1`,
    [auditId],
  );
  return makers.some((one) => one.actor === actor);
};
