import type { ResourceKind } from '@nefos/contracts';
import { run, sql, type Queryable, type Tx } from '@nefos/service-kit';
import type { Scope } from '../../access/scope.js';

// SQL throughout: the events of a batch are handled together, a statement each; reports are computed.

/** An event of a resource. */
export interface NewFact {
  accountId: string;
  kind: ResourceKind;
  resourceId: string;
  region: string;
  eventId: string;
  sequence: number;
  at: string;
  quantity: string;
  ended: boolean;
}
const keysOf = (facts: readonly NewFact[]) => [
  facts.map((one) => one.accountId),
  facts.map((one) => one.kind),
  facts.map((one) => one.resourceId),
];
/** Makes the resources that are not known, and locks all of them in one order. */
const lockResources = async (tx: Tx, facts: readonly NewFact[]): Promise<void> => {
  await run(
    tx,
    `insert into resource (cloud_account_id, kind, resource_id, region, begun_at)
    select distinct on (1, 2, 3) account_id, kind, resource_id, region, at
    from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::timestamptz[])
      n(account_id, kind, resource_id, region, at)
    order by 1, 2, 3, at on conflict do nothing`,
    [...keysOf(facts), facts.map((one) => one.region), facts.map((one) => one.at)],
  );
  await sql(
    tx,
    `select 1 from resource r join unnest($1::bigint[], $2::text[], $3::text[]) n(account_id, kind, resource_id)
      on r.cloud_account_id = n.account_id and r.kind = n.kind and r.resource_id = n.resource_id
    order by r.id for update of r`,
    keysOf(facts),
  );
};
/**
 * Records what is new, in whatever order it comes.
 * @returns ids of the events that were recorded
 */
export const recordFacts = async (tx: Tx, facts: readonly NewFact[]): Promise<Set<string>> => {
  if (!facts.length) return new Set();
  await lockResources(tx, facts);
  const recorded = await sql<{ eventId: string; resource: string }>(
    tx,
    `insert into resource_fact (resource_id, sequence, event_id, at, quantity, ended)
    select r.id, n.sequence, n.event_id, n.at, n.quantity, n.ended
    from unnest($1::bigint[], $2::text[], $3::text[], $4::int[], $5::uuid[], $6::timestamptz[], $7::bigint[],
      $8::boolean[], $9::text[]) with ordinality
      n(account_id, kind, resource_id, sequence, event_id, at, quantity, ended, region, place)
    join resource r on r.cloud_account_id = n.account_id and r.kind = n.kind and r.resource_id = n.resource_id
    order by r.id, n.sequence, n.place on conflict do nothing returning event_id::text "eventId", resource_id resource`,
    [
      ...keysOf(facts),
      facts.map((one) => one.sequence),
      facts.map((one) => one.eventId),
      facts.map((one) => one.at),
      facts.map((one) => one.quantity),
      facts.map((one) => one.ended),
      facts.map((one) => one.region),
    ],
  );
  await run(
    tx,
    `update resource r set begun_at = b.at, region = coalesce(n.region, r.region),
      ended_at = least(case when e.ended then e.at end, r.closed_at)
    from (select distinct unnest($1::bigint[]) id) w
    cross join lateral (select min(at) at from resource_fact where resource_id = w.id) b
    cross join lateral (select at, ended, event_id from resource_fact where resource_id = w.id
      order by sequence desc limit 1) e
    left join unnest($2::uuid[], $3::text[]) n(event_id, region) on n.event_id = e.event_id
    where r.id = w.id`,
    [recorded.map((one) => one.resource), facts.map((one) => one.eventId), facts.map((one) => one.region)],
  );
  return new Set(recorded.map((one) => one.eventId));
};
/** The account has ended: nothing of it is in use after that. */
export const closeResources = async (tx: Tx, accounts: readonly { accountId: string; at: string }[]): Promise<void> => {
  if (!accounts.length) return;
  await run(
    tx,
    `update resource r set closed_at = a.at, ended_at = least(r.ended_at, a.at)
    from unnest($1::bigint[], $2::timestamptz[]) a(account_id, at) where r.cloud_account_id = a.account_id`,
    [accounts.map((one) => one.accountId), accounts.map((one) => one.at)],
  );
};

export interface ResourceFilter {
  /** The first day, UTC, as a date. */
  from: string;
  /** The day after the last. */
  to: string;
  now: Date;
  owner: Scope;
  accountId: number | undefined;
  kind: ResourceKind | undefined;
}
/** What a kind of resource amounts to on a day. */
export interface ResourceDay {
  date: string;
  kind: ResourceKind;
  /** How many of them there were. */
  resources: number;
  /** Quantity times hours, with at most six decimals; of traffic what was carried. */
  amount: string;
}
// Of each resource: the event that counts when the days begin, and those that came in them.
const report = (scope: string): string => `
  with used as (
    select r.id, r.kind, least($3::timestamptz, $2::timestamptz, coalesce(r.closed_at, 'infinity')) until
    from resource r join cloud_account a on a.id = r.cloud_account_id
    where r.begun_at < $2::timestamptz and coalesce(r.ended_at, 'infinity') >= $1::timestamptz ${scope}),
  fact as (
    select u.id, u.kind, u.until, f.sequence, f.at, f.quantity, f.ended from used u cross join lateral (
      (select sequence, at, quantity, ended from resource_fact
        where resource_id = u.id and at < $1::timestamptz order by sequence desc limit 1)
      union all
      (select sequence, at, quantity, ended from resource_fact
        where resource_id = u.id and at >= $1::timestamptz and at < $2::timestamptz)) f),
  segment as (
    select *, least(lead(at) over w, until) next, lag(quantity) over w before from fact
    window w as (partition by id order by sequence)),
  part as (
    select (d.day at time zone 'UTC')::date::text date, s.kind, s.id,
      s.quantity * extract(epoch from least(s.next, d.day + interval '1 day') - greatest(s.at, d.day)) / 3600 amount
    from segment s join generate_series($1::timestamptz, $2::timestamptz - interval '1 day', interval '1 day') d(day)
      on s.at < d.day + interval '1 day' and s.next > d.day and s.next > s.at
    where s.kind <> 'traffic' and not s.ended
    union all
    select (at at time zone 'UTC')::date::text, kind, id, greatest(quantity - coalesce(before, 0), 0) from segment
    where kind = 'traffic' and at >= $1::timestamptz and at <= until)
  select date, kind, count(distinct id)::int resources, trim_scale(round(sum(amount), 6))::text amount
  from part group by 1, 2 having sum(amount) > 0 or kind <> 'traffic' order by 1, 2`;
/** What resources amount to, by day and kind. */
export const findResourceDays = (
  q: Queryable,
  { from, to, now, owner, accountId, kind }: ResourceFilter,
): Promise<ResourceDay[]> => {
  const values: unknown[] = [`${from}T00:00:00Z`, `${to}T00:00:00Z`, now];
  const scope: string[] = [];
  if (owner !== 'all') scope.push(`and a.user_id = $${values.push(owner)}`);
  if (accountId !== undefined) scope.push(`and a.id = $${values.push(accountId)}`);
  if (kind !== undefined) scope.push(`and r.kind = $${values.push(kind)}`);
  return sql<ResourceDay>(q, report(scope.join(' ')), values);
};
