import {
  em,
  generated,
  instant,
  bigint,
  jsonb,
  nullable,
  sql,
  table,
  text,
  withDefault,
  type NewRow,
  type Queryable,
  type Row,
} from '@nefos/service-kit';
import { LessThan, MoreThanOrEqual, type FindOptionsWhere, type QueryDeepPartialEntity } from 'typeorm';

/** The append-only record of who did what. Never a token, password, cookie or header. */
export const auditEvents = table(
  'audit_event',
  {
    id: generated(bigint()),
    at: withDefault(instant()),
    /** The caller's uuid or component, or a process such as `operator`. */
    actor: text(),
    action: text(),
    /** What it was done to, mostly a uuid. */
    target: nullable(text()),
    result: text<'ok' | 'refused'>(),
    ip: nullable(text()),
    requestId: nullable(text()),
    /** Public name of the token with which the actor acted. */
    auditId: nullable(text()),
    detail: nullable(jsonb<Record<string, unknown>>()),
  },
  { primary: ['id'] },
);
export type AuditEvent = NewRow<typeof auditEvents>;
export type AuditRow = Row<typeof auditEvents>;
export interface AuditFilter {
  limit: number;
  actor?: string | undefined;
  action?: string | undefined;
  target?: string | undefined;
  /** Only events older than this one, by id: the last of the previous page. */
  before?: string | undefined;
  result?: string | undefined;
  /** An instant, as PostgreSQL reads it. */
  since?: string | undefined;
}

export const insertAuditEvent = async (q: Queryable, event: AuditEvent): Promise<void> => {
  await em(q).insert(auditEvents, event as QueryDeepPartialEntity<AuditRow>);
};
/** Newest first. Every filter has an index (migration audit-lists). */
export const listAuditEvents = (q: Queryable, filter: AuditFilter): Promise<AuditRow[]> => {
  const { limit, before, since, ...equal } = filter;
  const where = Object.fromEntries(Object.entries(equal).filter(([, value]) => value !== undefined));
  return em(q).find(auditEvents, {
    where: {
      ...where,
      ...(before !== undefined && { id: LessThan(before) }),
      ...(since !== undefined && { at: MoreThanOrEqual(since) }),
    } as FindOptionsWhere<AuditRow>,
    order: { id: 'desc' },
    take: limit,
  });
};
/** Whether `actor` minted the token of this public name. SQL: an index on the JSON detail answers it. */
export const wasMintedBy = async (q: Queryable, auditId: string, actor: string): Promise<boolean> => {
  // Compares the actor here: with the actor in the statement, PostgreSQL may read everything that this actor ever did.
  const events = await sql<Pick<AuditRow, 'actor'>>(
    q,
    `select actor from audit_event where action = 'token.mint' and detail->>'audit_id' = $1`,
    [auditId],
  );
  return events.some((event) => event.actor === actor);
};
