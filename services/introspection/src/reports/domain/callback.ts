import { setTimeout as sleep } from 'node:timers/promises';
import { Fault, notFound, type Tx } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { uuidOf } from '../../nodes/domain/refs.js';
import { continueRun, TASKS } from '../../runs/domain/tasks.js';
import {
  finishRun,
  lockRun,
  nodeLocked,
  notePhase,
  noteWarning,
  transition,
  type Run,
} from '../../runs/domain/transitions.js';
import { BUSY_STATES } from '../../runs/run-states.js';
import { applyTo, saveReport, type Applied, type Outcome } from './apply.js';
import { discover } from './discovery.js';
import { keepLogs } from './logs.js';
import { unrecognised, unusable } from './look-up.js';
import { findForReport, saveQuickly, type Found } from './quick.js';
import type { Report } from './report-workers.js';
import { demandToken } from './token.js';

export interface Callback {
  /** As in the address. */
  token: string | undefined;
  /** The address that it came from. */
  address: string;
  /**
   * As the successor of the inspector takes it (contract introspection §12.1): only a node in `inspect wait`, on which
   * all addresses agree, and that is this one where one is named.
   */
  strict?: { node: string | undefined };
}
/** What one try gave. `busy`: somebody works on the node; come again. */
type Try = 'saved' | 'busy' | { failed: string } | Extract<Outcome, { again: unknown }>;

/** How long a report waits for a busy node (contract introspection §2.10). */
const PATIENCE_MS = 30_000;
/** Reports that wait so, each with its text; more are told to come again at once. */
const WAITING = 500;
let waiting = 0;

const finished = (node: string): Fault =>
  new Fault('invalid', 'report.late', { message: `Node ${node} introspection has already finished` });

/** Fails the run for what is wrong with its report: the record says the same as the answer. */
const fail = async (ctx: IntrospectionCtx, tx: Tx, run: Run, text: string): Promise<Try> => {
  await finishRun(ctx, tx, run, { state: 'error', error: text });
  return { failed: text };
};
/**
 * One transaction: the lock of the run, the node with its ports, the data, the state, and the job that ends the run.
 * All of it or nothing.
 */
const tryReport = (
  ctx: IntrospectionCtx,
  {
    report,
    callback,
    node,
    others,
    applied,
  }: { report: Report; callback: Callback; node: string; others: readonly string[]; applied: Applied | undefined },
): Promise<Try> =>
  ctx.db.transaction(async (tx): Promise<Try> => {
    const run = await lockRun(tx, node);
    if (!run) throw notFound('node.absent', { message: `Node ${node} was not found` });
    if (BUSY_STATES.includes(run.state) && run.state !== 'enrolling') return 'busy';
    if (run.state !== 'waiting' && run.state !== 'enrolling') throw finished(node);
    demandToken(ctx, run, callback.token);
    if (report.failures.length) return fail(ctx, tx, run, report.failures.join('\n'));
    if (others.length) {
      const warning = `The report has addresses of other nodes, too: ${others.slice(0, 5).join(', ')}`;
      if (ctx.config.NEFOS_INTROSPECTION_CONFLICTS === 'refuse') return fail(ctx, tx, run, warning);
      await noteWarning(tx, node, warning);
    }
    await notePhase(tx, node, 'callback seen', `from ${callback.address}`);
    const outcome = await saveReport(ctx, tx, run, report, applied);
    if (!outcome) throw notFound('node.absent', { message: `Node ${node} was not found` });
    if ('again' in outcome) return outcome;
    if (outcome.error !== null) return fail(ctx, tx, run, outcome.error);
    await transition(tx, run, 'process');
    await continueRun(tx, TASKS.end, run);
    return 'saved';
  });
/** Waits without a connection, so that what it waits for gets one. @throws Fault conflict node.locked */
const pause = async (node: string, ms: number, until: number): Promise<void> => {
  if (waiting >= WAITING || Date.now() + ms > until) throw nodeLocked(node);
  waiting += 1;
  try {
    await sleep(ms);
  } finally {
    waiting -= 1;
  }
};
/** Of who is not told why not. @throws Fault not_found report.unmatched */
const demandOne = ({ recognised: { node, ...rest }, best }: Found, named: string | undefined): void => {
  const others = 'others' in rest ? rest.others : [];
  const one = node !== undefined && others.length === 0 && best?.provisionState === 'inspect wait';
  if (!one || (named !== undefined && uuidOf(named) !== node)) throw notFound('report.unmatched');
};
const saved = async (ctx: IntrospectionCtx, node: string, report: Report): Promise<string> => {
  await keepLogs(ctx, node, report, false);
  return node;
};
/**
 * Takes the report of a machine (contract introspection §2.10). When this returns it is saved, and a job ends the run.
 * @returns the node's UUID
 * @throws Fault invalid report.*, body.*; forbidden report.token; conflict node.locked; not_found node.absent
 */
export const takeReport = async (ctx: IntrospectionCtx, raw: Buffer, callback: Callback): Promise<string> => {
  const report = await ctx.reports.read(raw);
  const until = Date.now() + PATIENCE_MS;
  let applied: Applied | undefined;
  let known = false;
  for (let ms = 100; ; ms = Math.min(1000, ms * 1.5)) {
    const found = await findForReport(ctx, report);
    if (callback.strict) demandOne(found, callback.strict.node);
    const whose = found.recognised;
    if (whose.node === undefined) {
      if (!whose.ambiguous && !known && (known = await discover(ctx, report, callback.address))) continue;
      throw (report.failures.length ? unusable : unrecognised)([...report.failures, whose.text]);
    }
    const { node, others } = whose;
    if (await saveQuickly(ctx, found, report, callback)) return saved(ctx, node, report);
    const result = await tryReport(ctx, { report, callback, node, others, applied });
    if (result === 'saved') return saved(ctx, node, report);
    if (result === 'busy') await pause(node, ms, until);
    else if ('failed' in result) {
      await keepLogs(ctx, node, report, true);
      throw unusable([result.failed]);
    } else applied = await applyTo(ctx, report, result.again.machine, result.again.discovered);
  }
};
