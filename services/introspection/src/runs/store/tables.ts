import {
  boolean,
  bytea,
  columns,
  instant,
  integer,
  json,
  nullable,
  table,
  text,
  uuid,
  withDefault,
  type Row,
} from '@nefos/service-kit';
import type { AttributeKind, Phase, RunCause, RunState } from '../run-states.js';

/** The run of a node: its last one. The row is the lock of the node (contract introspection §4.4). */
export const runs = table(
  'run',
  {
    nodeUuid: uuid(),
    /** Of this run: each start and each reapply has its own. */
    id: uuid(),
    cause: withDefault(text<RunCause>()),
    state: text<RunState>(),
    /** When the state was entered. */
    stateAt: withDefault(instant()),
    startedAt: instant(),
    finishedAt: nullable(instant()),
    error: nullable(text()),
    manageBoot: boolean(),
    /** The node was made by the discovery hook. */
    discovered: withDefault(boolean()),
    /** Its data are read from the BMC, no ramdisk is awaited. */
    outOfBand: withDefault(boolean()),
    /** The power order that was placed for this run, so that it is placed once. */
    orderId: nullable(uuid()),
    /** SHA-256 of the token in the callback's address. */
    tokenHash: nullable(bytea()),
    phases: withDefault(json<Phase[]>()),
    warnings: withDefault(json<string[]>()),
  },
  { primary: ['nodeUuid'] },
);
export type Run = Row<typeof runs>;

/** By what a callback is recognised (contract introspection §6). */
export const runAttributes = table(
  'run_attribute',
  { nodeUuid: uuid(), kind: text<AttributeKind>(), value: text() },
  { primary: ['nodeUuid', 'kind', 'value'] },
);
/** JSON text as it is answered. */
export const runData = table(
  'run_data',
  { nodeUuid: uuid(), processed: boolean(), body: text() },
  { primary: ['nodeUuid', 'processed'] },
);
/** Runs that have ended. */
export const runHistory = table(
  'run_history',
  {
    id: uuid(),
    nodeUuid: uuid(),
    cause: text<RunCause>(),
    state: text<RunState>(),
    startedAt: instant(),
    finishedAt: instant(),
    error: nullable(text()),
    phases: withDefault(json<Phase[]>()),
    /** The processed data, as JSON text. */
    body: nullable(text()),
  },
  { primary: ['id'] },
);
export type PastRun = Row<typeof runHistory>;

/** Nodes that are inspected regularly. */
export const inspectionSchedules = table(
  'inspection_schedule',
  { nodeUuid: uuid(), everySeconds: integer(), nextAt: instant() },
  { primary: ['nodeUuid'] },
);
export type InspectionSchedule = Row<typeof inspectionSchedules>;

export const RUN = columns(runs, 'r');
