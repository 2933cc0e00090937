import {
  boolean,
  columns,
  em,
  instant,
  integer,
  nullable,
  run,
  safeInteger,
  sql,
  table,
  text,
  textArray,
  uuid,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import type { Page } from '../../lists/list-plan.js';
import type { Condition, ListSpec, Query } from '../../lists/list-query.js';
import { pageOf } from '../../lists/select-page.js';
import { withoutUndefined } from '../../without-undefined.js';

/** Receivers of events (contract compute §10.2). */
export const webhooks = table(
  'webhook',
  {
    id: uuid(),
    /** Whose events; null: everybody's. */
    clientId: nullable(integer()),
    /** Made by staff: it gets what staff see, and end users do not see it. */
    staff: boolean(),
    url: text(),
    description: withDefault(text()),
    /** Its maker: without rights to the client any more, or gone, it is disabled. Null: it is older than that. */
    createdById: nullable(integer()),
    /** None: all. */
    eventTypes: withDefault(textArray()),
    /** Sealed. */
    secret: text(),
    enabled: withDefault(boolean()),
    /** Why it was disabled, if its user did not do it. */
    disabledReason: nullable(text()),
    /** It gets events of transactions from this one on. */
    sinceXact: safeInteger(),
    /** Attempts that failed since the last one that did not. */
    failures: withDefault(integer()),
    failingSince: nullable(instant()),
    lastError: nullable(text()),
    nextAttemptAt: withDefault(instant()),
    /** It answers slowly, so that it waits in a lane of such. */
    slow: withDefault(boolean()),
    createdAt: withDefault(instant()),
    updatedAt: withDefault(instant()),
  },
  { primary: ['id'] },
);
export type Webhook = Row<typeof webhooks>;

const webhookList: ListSpec = {
  select: columns(webhooks, 'w'),
  from: 'webhook w',
  fields: {
    id: { sql: 'w.id', type: 'uuid' },
    client: { sql: 'w.client_id', type: 'int' },
    url: { sql: 'w.url', type: 'text' },
    enabled: { sql: 'w.enabled', type: 'boolean' },
    created_at: { sql: 'w.created_at', type: 'time' },
  },
  search: ['w.url', 'w.description'],
  ordering: '-created_at',
  tie: 'w.id',
};
/** @param clientIds whose, as end users see them; null: all */
export const listWebhooks = (
  q: Queryable,
  query: Query,
  clientIds: readonly number[] | null,
): Promise<Page<Webhook>> => {
  const own: Condition[] = clientIds
    ? [{ sql: 'not w.staff and w.client_id = any($::int[])', values: [clientIds] }]
    : [];
  return pageOf<Webhook>(q, webhookList, query, own);
};
export const findWebhook = (q: Queryable, id: string): Promise<Webhook | null> => em(q).findOneBy(webhooks, { id });
/** SQL: locks the row. */
export const lockWebhook = async (tx: Tx, id: string): Promise<Webhook | undefined> =>
  (await sql<Webhook>(tx, `select ${columns(webhooks)} from webhook where id = $1 for update`, [id]))[0];
/** Counts those of one client, or those of staff; no other is added before this transaction ends. SQL: locks. */
export const countWebhooks = async (tx: Tx, clientId: number | null): Promise<number> => {
  await sql(tx, 'select 1 from event_log where id = 1 for update');
  const [row] = await sql<{ count: number }>(
    tx,
    `select count(*)::int count from webhook where case when $1::int is null then staff
      else client_id = $1 and not staff end`,
    [clientId],
  );
  return row?.count ?? 0;
};
export type NewWebhook = Pick<
  Webhook,
  | 'id'
  | 'clientId'
  | 'staff'
  | 'createdById'
  | 'url'
  | 'description'
  | 'eventTypes'
  | 'secret'
  | 'enabled'
  | 'sinceXact'
>;
export const insertWebhook = async (tx: Tx, one: NewWebhook): Promise<void> => {
  await em(tx).insert(webhooks, one);
};
export interface WebhookChanges {
  url?: string | undefined;
  description?: string | undefined;
  eventTypes?: string[] | undefined;
}
export const updateWebhook = async (tx: Tx, id: string, changes: WebhookChanges): Promise<void> => {
  await em(tx).update(webhooks, { id }, { ...withoutUndefined(changes), updatedAt: () => 'now()' });
};
/** Begins anew: what failed before is forgotten. SQL: the instant is the database's. */
export const enableWebhook = async (tx: Tx, id: string, sinceXact: number): Promise<void> => {
  await run(
    tx,
    `update webhook set enabled = true, disabled_reason = null, since_xact = $2, failures = 0, failing_since = null,
      last_error = null, next_attempt_at = now(), updated_at = now() where id = $1`,
    [id, sinceXact],
  );
};
/** @param reason null: its user did it. What waits is given up. SQL: two tables at once */
export const disableWebhook = async (tx: Tx, id: string, reason: string | null): Promise<void> => {
  await run(tx, `update webhook set enabled = false, disabled_reason = $2, updated_at = now() where id = $1`, [
    id,
    reason,
  ]);
  await run(
    tx,
    `update webhook_delivery set status = 'failed', error = coalesce(error, $2) where webhook_id = $1
      and status = 'pending'`,
    [id, reason ?? 'The webhook was disabled.'],
  );
};
/** @returns whether there was one */
export const deleteWebhook = async (tx: Tx, id: string): Promise<boolean> =>
  ((await em(tx).delete(webhooks, { id })).affected ?? 0) > 0;
/** The next attempt is made at once. */
export const hurryWebhook = async (tx: Tx, id: string): Promise<void> => {
  await em(tx).update(webhooks, { id }, { nextAttemptAt: () => 'now()' });
};
/** SQL: the maker of the webhook `w` may still see what it tells of. */
export const RIGHTFUL = `(w.created_by_id is null or exists (
  select from portal_user u where u.id = w.created_by_id and u.deleted_at is null and u.is_active
    and case when w.staff then u.is_staff or u.is_superuser
      else exists (select from client_user m where m.user_id = u.id and m.client_id = w.client_id) end))`;
/** Enabled webhooks whose makers have lost their rights. SQL: existence tests */
export const listUnrightful = async (q: Queryable, limit: number): Promise<string[]> =>
  (
    await sql<{ id: string }>(
      q,
      `select w.id from webhook w where w.enabled and not ${RIGHTFUL} order by w.id limit $1`,
      [limit],
    )
  ).map(({ id }) => id);
export type EnabledWebhook = Pick<Webhook, 'id' | 'clientId' | 'staff' | 'eventTypes' | 'sinceXact'>;
/** SQL: runs every second. */
export const listEnabled = (q: Queryable): Promise<EnabledWebhook[]> =>
  sql<EnabledWebhook>(
    q,
    `select ${columns(webhooks, undefined, ['id', 'clientId', 'staff', 'eventTypes', 'sinceXact'])}
    from webhook w where enabled and ${RIGHTFUL}`,
  );
/** Webhooks whose next delivery is due. SQL: an existence test */
export const listDue = async (q: Queryable, limit: number): Promise<Pick<Webhook, 'id' | 'slow'>[]> =>
  sql<Pick<Webhook, 'id' | 'slow'>>(
    q,
    `select id, slow from webhook w where enabled and next_attempt_at <= now() and exists (
        select from webhook_delivery d where d.webhook_id = w.id and d.status = 'pending')
      order by next_attempt_at limit $1`,
    [limit],
  );

/** Whether its receiver answers slowly. */
export const setSlow = async (q: Queryable, id: string, slow: boolean): Promise<void> => {
  await em(q).update(webhooks, { id }, { slow });
};
/** The receiver has taken a delivery. SQL: conditional */
export const noteSuccess = async (tx: Tx, id: string): Promise<void> => {
  await run(
    tx,
    `update webhook set failures = 0, failing_since = null, last_error = null, next_attempt_at = now()
    where id = $1 and failures > 0`,
    [id],
  );
};
/**
 * The receiver has not taken a delivery. SQL: computed by the database's clock.
 * @returns hours for which it has failed, and whether it is enabled
 */
export const noteFailure = async (
  tx: Tx,
  id: string,
  error: string,
  pauseSeconds: number,
): Promise<{ hours: number } | undefined> =>
  (
    await sql<{ hours: number }>(
      tx,
      `update webhook set failures = failures + 1, failing_since = coalesce(failing_since, now()), last_error = $2,
        next_attempt_at = now() + $3 * interval '1 s'
      where id = $1 returning extract(epoch from now() - failing_since)::float8 / 3600 hours`,
      [id, error, pauseSeconds],
    )
  )[0];
