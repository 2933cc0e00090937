import {
  boolean,
  columns,
  instant,
  integer,
  json,
  nullable,
  prepared,
  run,
  table,
  text,
  uuid,
  withDefault,
  type Queryable,
  type Row,
  type Tx,
} from '@nefos/service-kit';
import type { PowerStep } from '../power-steps.js';

/** What machines are being brought to; one order of a node at a time. */
export const powerOrders = table(
  'power_order',
  {
    nodeUuid: uuid(),
    id: uuid(),
    /** Who asked, for the audit record. */
    actor: text(),
    target: text(),
    bootDevice: nullable(text()),
    persistent: withDefault(boolean()),
    step: text<PowerStep>(),
    /** When the step began; of a command that was sent, when. */
    stepAt: withDefault(instant()),
    /** Not before: machines are started one after the other. */
    beginsAt: withDefault(instant()),
    deadlineAt: instant(),
    /** How long the machine may take to be off, and to be on. */
    timeoutSeconds: integer(),
    /** Failures of the connection, one after the other. */
    attempts: withDefault(integer()),
    error: nullable(text()),
    thenTask: nullable(text()),
    thenPayload: withDefault(json<Record<string, string | number>>()),
  },
  { primary: ['nodeUuid'] },
);
export type PowerOrder = Row<typeof powerOrders>;
/** An order, with what the clock of the database says of it. */
export type PowerOrderNow = PowerOrder & { secondsToBegin: number; secondsInStep: number; isOver: boolean };
export interface NewPowerOrder {
  nodeUuid: string;
  id: string;
  actor: string;
  target: string;
  bootDevice: string | null;
  persistent: boolean;
  step: PowerStep;
  beginsAt: Date | null;
  timeoutSeconds: number;
  thenTask: string | null;
  thenPayload: Record<string, string | number>;
}

/** SQL: by the clock of the database. @returns whether the node had none */
export const insertPowerOrder = async (tx: Tx, order: NewPowerOrder): Promise<boolean> =>
  (await run(
    tx,
    `insert into power_order (node_uuid, id, actor, target, boot_device, persistent, step, begins_at, deadline_at,
      timeout_seconds, then_task, then_payload)
    values ($1, $2, $3, $4, $5, $6, $7, coalesce($8::timestamptz, now()),
      coalesce($8::timestamptz, now()) + make_interval(secs => $9), $9, $10, $11)
    on conflict (node_uuid) do nothing`,
    [
      ...[order.nodeUuid, order.id, order.actor, order.target, order.bootDevice, order.persistent, order.step],
      ...[order.beginsAt, order.timeoutSeconds, order.thenTask, JSON.stringify(order.thenPayload)],
    ],
  )) === 1;
/** SQL: by the clock of the database. */
export const findPowerOrder = async (q: Queryable, nodeUuid: string): Promise<PowerOrderNow | undefined> =>
  (
    await prepared<PowerOrderNow>(
      q,
      `select ${columns(powerOrders)}, extract(epoch from begins_at - now())::float8 "secondsToBegin",
        extract(epoch from now() - step_at)::float8 "secondsInStep", deadline_at < now() "isOver"
      from power_order where node_uuid = $1`,
      [nodeUuid],
    )
  )[0];
/**
 * Goes from one step to the next. SQL: conditional, so that of two that do the same one stops.
 * @param isTimed whether the machine has its time anew; else the deadline stays
 * @returns whether the order was still there, at this step
 */
export const moveOrder = async (
  q: Queryable,
  { nodeUuid, id, step }: PowerOrder,
  next: PowerStep,
  isTimed: boolean,
): Promise<boolean> =>
  (
    await prepared<object>(
      q,
      `update power_order set step = $4, step_at = now(), attempts = 0, error = null,
        deadline_at = case when $5 then now() + make_interval(secs => timeout_seconds) else deadline_at end
      where node_uuid = $1 and id = $2 and step = $3 returning 1`,
      [nodeUuid, id, step, next, isTimed],
    )
  ).length === 1;
/** What went wrong last. @param counts whether it is one of the attempts */
export const noteTrouble = (q: Queryable, { nodeUuid, id }: PowerOrder, error: string, counts: boolean) =>
  run(q, 'update power_order set error = $3, attempts = attempts + $4::int where node_uuid = $1 and id = $2', [
    nodeUuid,
    id,
    error,
    counts ? 1 : 0,
  ]);
export const noteContact = (q: Queryable, { nodeUuid, id }: PowerOrder): Promise<number> =>
  run(q, 'update power_order set attempts = 0, error = null where node_uuid = $1 and id = $2 and attempts > 0', [
    nodeUuid,
    id,
  ]);
/** @returns whether it was there: only one ends it */
export const deletePowerOrder = async (tx: Tx, { nodeUuid, id }: PowerOrder): Promise<boolean> =>
  (await run(tx, 'delete from power_order where node_uuid = $1 and id = $2', [nodeUuid, id])) === 1;
/** Orders of which nothing was heard for long: their job may be lost. SQL: computed. */
export const listQuietOrders = (q: Queryable, seconds: number, limit: number): Promise<{ nodeUuid: string }[]> =>
  prepared<{ nodeUuid: string }>(
    q,
    `select node_uuid "nodeUuid" from power_order
    where greatest(begins_at, step_at) < now() - make_interval(secs => $1) order by deadline_at limit $2`,
    [seconds, limit],
  );
