import { inspectorTime } from '../../times.js';
import type { ListedPastRun, PastRun } from '../domain/history.js';
import type { Progress } from '../domain/progress.js';
import type { InspectionSchedule } from '../domain/schedules.js';
import type { Phase } from '../run-states.js';

const phaseView = ({ at, ...rest }: Phase) => ({ at: inspectorTime(at), ...rest });
export const progressView = ({ run, attributes, power }: Progress) => {
  const valuesOf = (kind: string): string[] => attributes.filter((one) => one.kind === kind).map(({ value }) => value);
  return {
    uuid: run.nodeUuid,
    run: run.id,
    cause: run.cause,
    state: run.state,
    state_at: inspectorTime(run.stateAt),
    started_at: inspectorTime(run.startedAt),
    finished_at: inspectorTime(run.finishedAt),
    error: run.error,
    manage_boot: run.manageBoot,
    discovered: run.discovered,
    out_of_band: run.outOfBand,
    has_token: run.tokenHash !== null,
    phases: run.phases.map(phaseView),
    warnings: run.warnings,
    look_up: { bmc_address: valuesOf('bmc_address'), mac: valuesOf('mac') },
    power: { state: power.state, target: power.target, last_error: power.lastError },
  };
};
export const pastRunView = (run: ListedPastRun) => ({
  id: run.id,
  cause: run.cause,
  state: run.state,
  started_at: inspectorTime(run.startedAt),
  finished_at: inspectorTime(run.finishedAt),
  error: run.error,
  phases: run.phases.map(phaseView),
  has_data: run.hasData,
});
/** With its data as they are stored: their keys keep their order. */
export const wholePastRunView = (run: PastRun): Buffer => {
  const rest = JSON.stringify(pastRunView({ ...run, hasData: run.body !== null })).slice(1);
  return Buffer.from(`{"data":${run.body ?? 'null'},${rest}\n`);
};
export const scheduleView = ({ everySeconds, nextAt }: InspectionSchedule) => ({
  every_seconds: everySeconds,
  next_at: inspectorTime(nextAt),
});
