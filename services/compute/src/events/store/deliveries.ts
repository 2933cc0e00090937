import {
  columns,
  instant,
  integer,
  nullable,
  run,
  safeInteger,
  sql,
  table,
  text,
  uuid,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { RIGHTFUL } from './webhooks.js';

export type DeliveryStatus = 'pending' | 'delivered' | 'failed';
/** What is or was sent to webhooks, in the order of the events. */
export const deliveries = table(
  'webhook_delivery',
  {
    id: uuid(),
    webhookId: uuid(),
    /** The place of the event in the log. */
    xact: safeInteger(),
    sequence: safeInteger(),
    eventType: text(),
    body: text(),
    status: withDefault(text<DeliveryStatus>()),
    attempts: withDefault(integer()),
    responseStatus: nullable(integer()),
    error: nullable(text()),
    createdAt: withDefault(instant()),
    attemptedAt: nullable(instant()),
  },
  { primary: ['id'] },
);
export type DeliveryRow = Row<typeof deliveries>;

const deliveryList: ListSpec = {
  select: columns(deliveries, 'd'),
  from: 'webhook_delivery d',
  fields: {
    id: { sql: 'd.id', type: 'uuid' },
    event_type: { sql: 'd.event_type', type: 'text' },
    status: { sql: 'd.status', type: 'text' },
    created_at: { sql: 'd.created_at', type: 'time' },
  },
  search: ['d.event_type', 'd.error'],
  ordering: '-created_at',
  tie: 'd.id',
};
export const listDeliveries = (q: Queryable, webhookId: string, query: Query): Promise<Page<DeliveryRow>> =>
  pageOf<DeliveryRow>(q, deliveryList, query, [{ sql: 'd.webhook_id = $::uuid', values: [webhookId] }]);

export type NewDelivery = Pick<DeliveryRow, 'id' | 'webhookId' | 'xact' | 'sequence' | 'eventType' | 'body'>;
/** SQL: many rows at once; a webhook that is deleted meanwhile gets none. */
export const insertDeliveries = async (tx: Tx, all: readonly NewDelivery[]): Promise<void> => {
  if (!all.length) return;
  await run(
    tx,
    `insert into webhook_delivery (id, webhook_id, xact, sequence, event_type, body)
    select n.* from unnest($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::text[], $6::text[])
      n(id, webhook_id, xact, sequence, event_type, body)
    join (select id from webhook where id = any($2::uuid[]) for key share) w on w.id = n.webhook_id`,
    [
      all.map((one) => one.id),
      all.map((one) => one.webhookId),
      all.map((one) => one.xact),
      all.map((one) => one.sequence),
      all.map((one) => one.eventType),
      all.map((one) => one.body),
    ],
  );
};
/** Webhooks for which more than so many deliveries wait. SQL: computed */
export const listOverfull = async (q: Queryable, limit: number): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      `select webhook_id id from webhook_delivery where status = 'pending' group by 1 having count(*) > $1`,
      [limit],
    )
  ).map(({ id }) => id);

const NEXT = ['id', 'xact', 'sequence', 'eventType', 'body'] as const;
/** A delivery to be made, and to whom. */
export interface DueDelivery extends Pick<DeliveryRow, (typeof NEXT)[number]> {
  url: string;
  secret: string;
  failures: number;
  slow: boolean;
}
/** The oldest delivery of a webhook, if an attempt is due. SQL: joins */
export const findDueDelivery = async (q: Queryable, webhookId: string): Promise<DueDelivery | undefined> =>
  (
    await sql<DueDelivery>(
      q,
      `select ${columns(deliveries, 'd', NEXT)}, w.url, w.secret, w.failures, w.slow
      from webhook w join webhook_delivery d on d.webhook_id = w.id
      where w.id = $1 and w.enabled and ${RIGHTFUL} and w.next_attempt_at <= now() and d.status = 'pending'
      order by d.xact, d.sequence limit 1`,
      [webhookId],
    )
  )[0];
/** Notes an attempt at a delivery that was not given up meanwhile. SQL: conditional */
export const noteAttempt = async (
  tx: Tx,
  id: string,
  { status, responseStatus, error }: { status: DeliveryStatus; responseStatus: number | null; error: string | null },
): Promise<void> => {
  await run(
    tx,
    `update webhook_delivery set status = $2, response_status = $3, error = $4, attempts = attempts + 1,
      attempted_at = now() where id = $1 and status = 'pending'`,
    [id, status, responseStatus, error],
  );
};
/** Deletes ended deliveries beyond the newest `kept` of each webhook. SQL: batched. @returns how many */
export const pruneDeliveries = (q: Queryable, kept: number): Promise<number> =>
  run(
    q,
    `delete from webhook_delivery d using (
      select w.id, k.created_at, k.id last_id from webhook w cross join lateral (
        select created_at, id from webhook_delivery where webhook_id = w.id
        order by created_at desc, id desc offset $1 limit 1) k) old
    where d.webhook_id = old.id and d.status <> 'pending' and (d.created_at, d.id) <= (old.created_at, old.last_id)`,
    [kept],
  );
