import { prepared, type Queryable } from '@nefos/service-kit';
import { LARGEST_KEPT } from './history.js';

/**
 * Ends runs whose data are processed and whose machine stays as it is: the same that `finishRun` does for one. Those
 * that the registry's verb began are left out, and those that others have locked. SQL: all of it for many runs in one
 * statement, since machines that boot together end together.
 * @param managed also those whose machine was switched on for the run
 * @returns the nodes whose run has ended
 */
export const endProcessedRuns = async (
  q: Queryable,
  runs: readonly { node: string; id: string }[],
  { keep, managed, channel }: { keep: number; managed: boolean; channel: string },
): Promise<string[]> =>
  (
    await prepared<{ node: string }>(
      q,
      `with locked as materialized (
          select r.node_uuid from json_to_recordset($1::json) w(node uuid, id uuid)
            join run r on r.node_uuid = w.node and r.id = w.id
            where r.state = 'processing' and (not r.manage_boot or $2::boolean)
              and not exists (select from node n where n.uuid = r.node_uuid
                and n.provision_state in ('inspecting', 'inspect wait'))
            for update of r skip locked),
        ended as (
          update run r set state = 'finished', state_at = clock_timestamp(), finished_at = clock_timestamp(),
            error = null, token_hash = null, phases = (r.phases::jsonb || jsonb_build_array(
              jsonb_build_object('at', clock_timestamp()::text, 'phase', 'finished')))::json
          from locked l where r.node_uuid = l.node_uuid
          returning r.node_uuid, r.id, r.cause, r.state, r.started_at, r.finished_at, r.error, r.phases),
        gone as (delete from run_attribute a using locked l where a.node_uuid = l.node_uuid),
        kept as (
          insert into run_history (id, node_uuid, cause, state, started_at, finished_at, error, phases, body)
            select e.id, e.node_uuid, e.cause, e.state, e.started_at, e.finished_at, e.error, e.phases,
              (select d.body from run_data d where d.node_uuid = e.node_uuid and d.processed
                and octet_length(d.body) <= ${LARGEST_KEPT})
            from ended e where $3::int > 0 on conflict (id) do nothing),
        dropped as (
          delete from run_history h using locked l, lateral (
              select o.id from run_history o where o.node_uuid = l.node_uuid
                order by o.finished_at desc, o.id desc offset greatest($3::int - 1, 0) limit 1000) old
            where $3::int > 0 and h.id = old.id),
        told as (
          insert into outbox (event_id, aggregate, payload)
            select e.event_id, e.node_uuid::text, jsonb_build_object('id', e.event_id, 'type', 'node.introspected',
              'occurred_at', e.finished_at::text, 'node', jsonb_build_object('uuid', e.node_uuid),
              'run', jsonb_build_object('id', e.id, 'cause', e.cause, 'started_at', e.started_at::text,
                'finished_at', e.finished_at::text))
            from (select gen_random_uuid() event_id, * from ended) e returning aggregate),
        notified as materialized (select pg_notify($4, '') from told limit 1)
      select t.aggregate node from told t left join notified on true`,
      [JSON.stringify(runs), managed, keep, channel],
    )
  ).map(({ node }) => node);
