import {
  bigint,
  em,
  generated,
  instant,
  json,
  nullable,
  run,
  table,
  text,
  uuid,
  withDefault,
  type NewRow,
  type Queryable,
} from '@nefos/service-kit';

/** Who did what to which machine. */
export const auditRecords = table(
  'audit',
  {
    id: generated(bigint()),
    at: withDefault(instant()),
    actor: text(),
    operation: text(),
    nodeUuid: nullable(uuid()),
    result: text(),
    details: withDefault(json<object>()),
  },
  { primary: ['id'] },
);
export type NewAuditRecord = NewRow<typeof auditRecords>;

export const insertAuditRecord = async (q: Queryable, one: NewAuditRecord): Promise<void> => {
  await em(q).insert(auditRecords, one);
};
/** SQL: a portion of what is older. @returns how many */
export const deleteOldAuditRecords = (q: Queryable, days: number): Promise<number> =>
  run(
    q,
    `delete from audit where id in (
      select id from audit where at < now() - make_interval(days => $1) order by at limit 1000)`,
    [days],
  );
