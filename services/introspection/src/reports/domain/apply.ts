import { Fault, type Tx } from '@nefos/service-kit';
import type { IntrospectionCtx } from '../../ctx.js';
import { copyMachine, loadMachine, saveMachine } from '../../nodes/domain/machines.js';
import type { Machine } from '../../nodes/domain/machine.js';
import { demandProvisionState } from '../../runs/domain/start.js';
import { noteWarning, type Run } from '../../runs/domain/transitions.js';
import { writeReport } from '../store/report-data.js';
import { warningOf, type ProcessedReport } from './process-report.js';
import type { Report, Stored } from './report-workers.js';
import { currentRules } from './rules-of-run.js';

/** A report that was processed for a machine as it was then. */
export interface Applied {
  machine: Machine;
  done: Omit<ProcessedReport, 'processed'> & { processed: Stored | null };
}
/** What came of it: `again`, it has to be processed for this machine first, outside of the transaction. */
export type Outcome = { again: Pick<Applied, 'machine'> & { discovered: boolean } } | { error: string | null };

/** What a refusal says of the data or of a rule; another error stays one. */
const messageOf = (err: unknown): string => {
  if (err instanceof Fault && err.kind === 'invalid' && typeof err.params.message === 'string')
    return err.params.message;
  throw err;
};
const refusalOf = (check: () => void): string | null => {
  try {
    check();
    return null;
  } catch (err) {
    return messageOf(err);
  }
};
const same = (a: Machine, b: Machine): boolean =>
  JSON.stringify([a.node, a.ports, [...a.traits]]) === JSON.stringify([b.node, b.ports, [...b.traits]]);
/** Hooks and rules, which change a copy. */
export const applyTo = async (
  ctx: IntrospectionCtx,
  report: Report,
  machine: Machine,
  discovered: boolean,
): Promise<Applied> => ({
  machine,
  done: await report.process(copyMachine(machine), await currentRules(ctx.db), discovered),
});
/**
 * Saves what a report makes of a machine, with the data. A large one was processed before, by a thread, while nothing
 * was locked; when the machine has changed since then, that begins anew.
 * @param applied for large reports, which are never processed inside of the transaction
 */
export const saveReport = async (
  ctx: IntrospectionCtx,
  tx: Tx,
  { nodeUuid, discovered }: Pick<Run, 'nodeUuid' | 'discovered'>,
  report: Report,
  applied: Applied | undefined,
): Promise<Outcome | undefined> => {
  const machine = await loadMachine(tx, nodeUuid);
  if (!machine) return undefined;
  const forbidden = refusalOf(() =>
    demandProvisionState(ctx, { uuid: nodeUuid, provisionState: machine.node.provision_state as string }),
  );
  if (forbidden !== null) return { error: forbidden };
  if (report.large && !(applied && same(applied.machine, machine))) return { again: { machine, discovered } };
  const { done } = applied ?? (await applyTo(ctx, report, machine, discovered));
  // A rule may give the node what it can not have.
  const refused = await saveMachine(ctx, tx, machine, done.machine).then(() => null, messageOf);
  await writeReport(tx, nodeUuid, report.unprocessed, done.processed);
  const warning = warningOf(done);
  if (warning !== null) await noteWarning(tx, nodeUuid, warning);
  return { error: done.error ?? refused };
};
