import { Fault } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { copyMachine } from '../../nodes/domain/machines.js';
import { machineOf, MACHINE_COLUMNS, plainChanges, type MachineRow } from '../../nodes/domain/plain-changes.js';
import { demandProvisionState } from '../../runs/domain/start.js';
import { isLeftAlone } from '../../runs/domain/end.js';
import { storable } from '../../runs/domain/storable.js';
import { keyOf, payloadOf, TASKS } from '../../runs/domain/tasks.js';
import { findReported, saveReported, type QuickRun } from '../store/quick.js';
import { attributesOf, recognised, type Recognised } from './look-up.js';
import { warningOf } from './process-report.js';
import type { Report } from './report-workers.js';
import { currentRules } from './rules-of-run.js';
import { matchesToken } from './token.js';

/** What one statement found for a report: whose it is, and the node of that one. */
export interface Found {
  recognised: Recognised;
  best: (QuickRun & MachineRow) | undefined;
}
export const findForReport = async (ctx: IntrospectionCtx, report: Report): Promise<Found> => {
  const attributes = attributesOf(report.lookUp);
  const rows = attributes.length ? await findReported<MachineRow>(ctx.db, attributes, MACHINE_COLUMNS) : [];
  return { recognised: recognised(report.lookUp, rows), best: rows[0] };
};
/** What PostgreSQL can not read as text: NUL, and halves of pairs. */
const ESCAPED = /\\u(?:0000|d[89a-f])/i;
const isFit = (ctx: IntrospectionCtx, node: MachineRow): boolean => {
  // The registry's verb is told of each step, elsewhere.
  if (node.provisionState === 'inspecting' || node.provisionState === 'inspect wait') return false;
  try {
    demandProvisionState(ctx, node);
    return true;
  } catch {
    return false;
  }
};
/**
 * Saves a report in one statement, where all is as it is for nearly every machine: it is waited for, nothing is wrong
 * with its report, hooks and rules change no more than properties and new ports, and nobody changes the node meanwhile.
 * Nothing is locked while hooks and rules run: the statement takes the locks, and looks whether the rows are as they
 * were read.
 * @returns false: nothing is written; the careful way says what there is to say
 */
export const saveQuickly = async (
  ctx: IntrospectionCtx,
  { recognised: whose, best }: Found,
  report: Report,
  callback: { token: string | undefined; address: string },
): Promise<boolean> => {
  if (whose.node === undefined || whose.others.length || report.large || report.failures.length) return false;
  if (best?.runState !== 'waiting' || best.runId === null || best.version === null) return false;
  if (!matchesToken(ctx, best, callback.token) || !isFit(ctx, best)) return false;
  const machine = machineOf(best);
  const done = await report.process(copyMachine(machine), await currentRules(ctx.db, best.rulesVersion), false);
  if (done.error !== null || done.processed === null) return false;
  const changes = changesOf(ctx, machine, done.machine);
  const ports = JSON.stringify(changes?.added);
  if (!changes || ESCAPED.test(ports)) return false;
  const of = { nodeUuid: whose.node, id: best.runId };
  const warning = warningOf(done);
  // A machine that stays as it is needs no job of its own.
  const ending = isLeftAlone(ctx, best) ? ctx.ending : null;
  const saved = await saveReported(ctx.db, {
    nodeUuid: of.nodeUuid,
    runId: of.id,
    version: best.version,
    unprocessed: report.unprocessed,
    processed: done.processed,
    properties: changes.properties && JSON.stringify(changes.properties),
    extra: changes.extra && JSON.stringify(changes.extra),
    ports,
    note: `from ${callback.address}`,
    warning: warning === null ? null : storable(warning, 500),
    task: ending ? null : TASKS.end,
    payload: JSON.stringify(payloadOf(of)),
    jobKey: keyOf(TASKS.end, of),
  });
  if (saved) ending?.soon(of.nodeUuid, of.id);
  return saved;
};
const changesOf = (
  ctx: IntrospectionCtx,
  ...machines: [ReturnType<typeof machineOf>, ReturnType<typeof machineOf>]
) => {
  try {
    return plainChanges(ctx, ...machines);
  } catch (err) {
    if (err instanceof Fault) return undefined;
    throw err;
  }
};
