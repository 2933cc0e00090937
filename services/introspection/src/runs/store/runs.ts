import { em, prepared, run as execute, type Queryable, type Tx } from '@nefos/service-kit';
import type { AttributeKind, RunCause, RunState } from '../run-states.js';
import { RUN, runAttributes, runData, runs, type Run } from './tables.js';

export type { Run };

/** SQL, and prepared: every status asks for it. */
export const findRun = async (q: Queryable, nodeUuid: string): Promise<Run | undefined> =>
  (await prepared<Run>(q, `select ${RUN} from run r where r.node_uuid = $1`, [nodeUuid]))[0];

/** How a lock is taken when another has it: wait for it, be refused (`RowLocked`), or do without. */
export type LockMode = 'wait' | 'now' | 'skip';
const LOCKS = { wait: 'for update', now: 'for update nowait', skip: 'for update skip locked' } as const;
/** Another transaction has the row. */
export class RowLocked extends Error {}
/** SQL: a lock. @throws RowLocked in mode `now` */
export const lockRun = async (tx: Tx, nodeUuid: string, mode: LockMode): Promise<Run | undefined> => {
  try {
    return (await prepared<Run>(tx, `select ${RUN} from run r where r.node_uuid = $1 ${LOCKS[mode]}`, [nodeUuid]))[0];
  } catch (err) {
    if ((err as { code?: string }).code === '55P03') throw new RowLocked('the run is locked', { cause: err });
    throw err;
  }
};

export interface NewRun {
  nodeUuid: string;
  id: string;
  cause: RunCause;
  state: RunState;
  manageBoot: boolean;
  discovered?: boolean;
  outOfBand?: boolean;
  tokenHash?: Buffer | null;
}
const valuesOf = (one: NewRun): unknown[] => [
  ...[one.nodeUuid, one.id, one.cause, one.state, one.manageBoot],
  ...[one.discovered ?? false, one.outOfBand ?? false, one.tokenHash ?? null],
];
/**
 * The first run of a node, unless there is one. SQL: `on conflict`, and the database's clock, whose microseconds are
 * on the wire.
 */
export const insertRun = async (tx: Tx, one: NewRun): Promise<Run | undefined> =>
  (
    await prepared<Run>(
      tx,
      `insert into run as r (node_uuid, id, cause, state, state_at, started_at, manage_boot, discovered, out_of_band,
          token_hash)
        values ($1, $2, $3, $4, clock_timestamp(), clock_timestamp(), $5, $6, $7, $8)
        on conflict (node_uuid) do nothing returning ${RUN}`,
      valuesOf(one),
    )
  )[0];
/** A new run in the place of the one before, whose data and attributes go (contract introspection §2.3 step 6). */
export const replaceRun = async (tx: Tx, one: NewRun): Promise<Run | undefined> => {
  await em(tx).delete(runData, { nodeUuid: one.nodeUuid });
  await em(tx).delete(runAttributes, { nodeUuid: one.nodeUuid });
  const [row] = await prepared<Run>(
    tx,
    `update run r set id = $2, cause = $3, state = $4, state_at = clock_timestamp(), started_at = clock_timestamp(),
        finished_at = null, error = null, manage_boot = $5, discovered = $6, out_of_band = $7, order_id = null,
        token_hash = $8, phases = '[]', warnings = '[]'
      where r.node_uuid = $1 returning ${RUN}`,
    valuesOf(one),
  );
  return row;
};
/** SQL: the database's clock. */
export const writeState = async (tx: Tx, nodeUuid: string, state: RunState): Promise<string> => {
  const [row] = await prepared<{ at: string }>(
    tx,
    `update run set state = $2, state_at = clock_timestamp(), order_id = null
      where node_uuid = $1 returning state_at at`,
    [nodeUuid, state],
  );
  return row?.at ?? '';
};
/** Reapplying: a run of its own, of which the end of the one before stays on the wire. SQL: the database's clock. */
export const writeReapply = async (tx: Tx, nodeUuid: string, id: string): Promise<Run | undefined> =>
  (
    await prepared<Run>(
      tx,
      `update run r set id = $2, cause = 'reapply', state = 'reapplying', state_at = clock_timestamp(),
          started_at = clock_timestamp(), order_id = null, phases = '[]', warnings = '[]'
        where r.node_uuid = $1 returning ${RUN}`,
      [nodeUuid, id],
    )
  )[0];
/** The end of a run: the attributes go with it. SQL: the database's clock. */
export const writeEnd = async (
  tx: Tx,
  nodeUuid: string,
  { state, error }: { state: RunState; error: string | null },
): Promise<Run | undefined> => {
  await em(tx).delete(runAttributes, { nodeUuid });
  const [row] = await prepared<Run>(
    tx,
    `update run r set state = $2, state_at = clock_timestamp(), finished_at = clock_timestamp(), error = $3,
        token_hash = null, order_id = null
      where r.node_uuid = $1 returning ${RUN}`,
    [nodeUuid, state, error],
  );
  return row;
};
export const writeOrder = async (tx: Tx, nodeUuid: string, orderId: string): Promise<void> => {
  await em(tx).update(runs, { nodeUuid }, { orderId });
};
const PHASES = 100;
/** SQL: appended in place. The hundred first are kept. */
export const appendPhase = async (tx: Tx, nodeUuid: string, phase: string, note?: string): Promise<void> => {
  await execute(
    tx,
    `update run set phases = (phases::jsonb || jsonb_strip_nulls(
        jsonb_build_array(jsonb_build_object(
          'at', clock_timestamp()::text, 'phase', $2::text, 'note', $3::text))))::json
      where node_uuid = $1 and json_array_length(phases) < ${PHASES}`,
    [nodeUuid, phase, note ?? null],
  );
};
const WARNINGS = 20;
/** SQL: appended in place. */
export const appendWarning = async (tx: Tx, nodeUuid: string, warning: string): Promise<void> => {
  await execute(
    tx,
    `update run set warnings = (warnings::jsonb || to_jsonb($2::text))::json
      where node_uuid = $1 and json_array_length(warnings) < ${WARNINGS}`,
    [nodeUuid, warning],
  );
};

export interface Attribute {
  kind: AttributeKind;
  value: string;
}
/** SQL: a batch, of what is not there yet. */
export const insertAttributes = async (tx: Tx, nodeUuid: string, all: readonly Attribute[]): Promise<void> => {
  await execute(
    tx,
    `insert into run_attribute (node_uuid, kind, value)
      select $1, kind, value from unnest($2::text[], $3::text[]) a(kind, value) on conflict do nothing`,
    [nodeUuid, all.map(({ kind }) => kind), all.map(({ value }) => value)],
  );
};
export const countAttributes = async (q: Queryable, nodeUuid: string): Promise<number> =>
  em(q).countBy(runAttributes, { nodeUuid });
const SHOWN = 1100;
export const listAttributes = (q: Queryable, nodeUuid: string): Promise<Attribute[]> =>
  em(q).find(runAttributes, {
    where: { nodeUuid },
    select: { kind: true, value: true },
    order: { kind: 'asc', value: 'asc' },
    take: SHOWN,
  });
export const writeTokenHash = async (tx: Tx, nodeUuid: string, tokenHash: Buffer): Promise<void> => {
  await em(tx).update(runs, { nodeUuid }, { tokenHash });
};
export const dropAttributes = async (tx: Tx, nodeUuid: string): Promise<void> => {
  await em(tx).delete(runAttributes, { nodeUuid });
};
export const replaceMacs = async (tx: Tx, nodeUuid: string, macs: readonly string[]): Promise<void> => {
  await em(tx).delete(runAttributes, { nodeUuid, kind: 'mac' });
  await insertAttributes(
    tx,
    nodeUuid,
    macs.map((value) => ({ kind: 'mac', value })),
  );
};
const MATCHES = 50;
/**
 * The nodes that have most of these attributes, best first. SQL: counts by the index of values; prepared, every
 * callback asks.
 */
export const listMatches = (q: Queryable, all: readonly Attribute[]): Promise<{ nodeUuid: string; score: number }[]> =>
  prepared(
    q,
    `select a.node_uuid "nodeUuid", count(*)::int score from run_attribute a
      join unnest($1::text[], $2::text[]) w(kind, value) on a.value = w.value and a.kind = w.kind
      group by 1 order by 2 desc, 1 limit ${MATCHES}`,
    [all.map(({ kind }) => kind), all.map(({ value }) => value)],
  );

export const findData = async (q: Queryable, nodeUuid: string, processed: boolean): Promise<string | undefined> =>
  (
    await prepared<{ body: string }>(q, 'select body from run_data where node_uuid = $1 and processed = $2', [
      nodeUuid,
      processed,
    ])
  )[0]?.body;
/** SQL: insert or replace. @param body JSON text, with \u0000 as its escape */
export const writeData = async (tx: Tx, nodeUuid: string, processed: boolean, body: string): Promise<void> => {
  await prepared(
    tx,
    `insert into run_data (node_uuid, processed, body) values ($1, $2, $3)
      on conflict (node_uuid, processed) do update set body = excluded.body`,
    [nodeUuid, processed, body],
  );
};
