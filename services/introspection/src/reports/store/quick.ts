import { prepared, type Queryable } from '@nefos/service-kit';

/** The run of the best match, beside the columns of its node. */
export interface QuickRun {
  nodeUuid: string;
  score: number;
  /** null: only of the best match more is read. */
  runId: string | null;
  runState: string | null;
  /** Whether the machine was switched on for the run. */
  manageBoot: boolean | null;
  tokenHash: Buffer | null;
  /** The version of the node's row. */
  version: string | null;
  /** Another one whenever a rule was made, changed or deleted. */
  rulesVersion: string;
}
/**
 * The nodes that a machine may be, best first, and of the best all that its report is processed with. SQL: one
 * statement and no lock, since every round trip counts when a rack of machines reports. What is a list comes as JSON:
 * PostgreSQL would make a new plan for every array, since its length is known, which takes longer than the work.
 */
export const findReported = <M extends object>(
  q: Queryable,
  attributes: readonly { kind: string; value: string }[],
  machineColumns: string,
): Promise<(QuickRun & M)[]> =>
  prepared<QuickRun & M>(
    q,
    `with matches as materialized (
        select a.node_uuid, count(*)::int score, row_number() over (order by count(*) desc, a.node_uuid) rank
          from json_to_recordset($1::json) w(kind text, value text)
            join run_attribute a on a.value = w.value and a.kind = w.kind
          group by a.node_uuid order by rank limit 50)
      select ${machineColumns}, m.node_uuid "nodeUuid", m.score, r.id "runId", r.state "runState",
        r.manage_boot "manageBoot",
        r.token_hash "tokenHash", n.xmin::text version,
        (select concat_ws(' ', count(*), max(sequence), max(updated_at)) from rule) "rulesVersion"
      from matches m left join run r on m.rank = 1 and r.node_uuid = m.node_uuid
        left join node n on n.uuid = r.node_uuid
      order by m.rank`,
    [JSON.stringify(attributes)],
  );

export interface QuickReport {
  nodeUuid: string;
  runId: string;
  version: string;
  unprocessed: string | Buffer;
  processed: string | Buffer;
  /** Of the node; null: as it is. */
  properties: string | null;
  extra: string | null;
  /** New ones, as a list in JSON. */
  ports: string;
  /** Where the report came from, for the phases of the run. */
  note: string;
  warning: string | null;
  /** The job that ends the run; null: somebody does without. */
  task: string | null;
  payload: string;
  jobKey: string;
}
/**
 * Saves a report: the node and its new ports, the data, the state of the run, the job that ends it. SQL: all of it in
 * one statement, which is a transaction of its own. The lock of the run comes first, then that of the node, as
 * everywhere.
 * @returns false: the run or the node is not as it was read, and nothing is written
 */
export const saveReported = async (q: Queryable, one: QuickReport): Promise<boolean> =>
  (
    await prepared(
      q,
      `with locked_run as (
          select node_uuid from run where node_uuid = $1 and id = $2 and state = 'waiting' for update),
        locked as (
          select n.uuid from node n join locked_run l on n.uuid = l.node_uuid
            where n.xmin = $3::text::xid for no key update of n),
        changed as (
          update node n set properties = coalesce($6::json, n.properties), extra = coalesce($7::json, n.extra),
            updated_at = now() from locked l where n.uuid = l.uuid and ($6::text is not null or $7::text is not null)),
        added as (
          insert into port (uuid, node_uuid, address, pxe_enabled, physical_network, local_link_connection, extra)
            select p.uuid, l.uuid, p.address, p.pxe_enabled, p.physical_network, p.local_link_connection, p.extra
            from locked l, json_to_recordset($8::json) p(uuid uuid, address text, pxe_enabled boolean,
              physical_network text, local_link_connection json, extra json)
            on conflict do nothing),
        data as (
          insert into run_data (node_uuid, processed, body)
            select l.uuid, d.processed, d.body from locked l, (values (false, $4::text), (true, $5::text))
              d(processed, body)
            on conflict (node_uuid, processed) do update set body = excluded.body),
        moved as (
          update run r set state = 'processing', state_at = clock_timestamp(), order_id = null,
            phases = (r.phases::jsonb || jsonb_build_array(
              jsonb_build_object('at', clock_timestamp()::text, 'phase', 'callback seen', 'note', $9::text),
              jsonb_build_object('at', clock_timestamp()::text, 'phase', 'processing')))::json,
            warnings = case when $10::text is null then r.warnings
              else (r.warnings::jsonb || to_jsonb($10::text))::json end
          from locked l where r.node_uuid = l.uuid)
      select case when $11::text is not null then
          (graphile_worker.add_job($11::text, $12::text::json, max_attempts := 25, job_key := $13::text)).id end job
        from locked`,
      [
        ...[one.nodeUuid, one.runId, one.version, one.unprocessed, one.processed, one.properties, one.extra],
        ...[one.ports, one.note, one.warning, one.task, one.payload, one.jobKey],
      ],
    )
  ).length > 0;
