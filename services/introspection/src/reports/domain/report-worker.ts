import { workerData } from 'node:worker_threads';
import { Fault, type FaultKind } from '@nefos/service-kit';
import { parseExactly } from '../../json-text.js';
import type { AnyRule } from '../../rules/domain/apply-rules.js';
import { machineOfText, machineText } from './machine-text.js';
import { makePipeline, type PipelineSettings } from './pipeline.js';
import { processReport, type ProcessedReport } from './process-report.js';
import { readGiven, readReport, type ReadReport } from './read-report.js';

/** What a thread is asked: to read a report; with a machine, to process it. The text of the report is in `raw`. */
export interface Task {
  raw: Uint8Array;
  /** Only what is given for a reapply is asked for. */
  given?: true;
  /** As JSON text. */
  machine?: string;
  rules?: string;
  discovered?: boolean;
}
/** A refusal, of which an error would lose the parts on its way out of a thread. */
export interface Refusal {
  kind: FaultKind;
  code: string;
  reason: Record<string, unknown>;
}
/** Texts that are stored go out as bytes: nobody needs them as text before the database has them. */
export type Answer =
  | { refused: Refusal }
  | { given: string | undefined }
  | { read: Omit<ReadReport, 'data' | 'unprocessed'> & { unprocessed: Uint8Array } }
  | { processed: Omit<ProcessedReport, 'machine' | 'processed'> & { machine: string; processed: Uint8Array | null } };

const pipeline = makePipeline(workerData as PipelineSettings);
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
const work = ({ raw, given, machine, rules = '[]', discovered = false }: Task): Answer => {
  // A copy: what is shared can not be decoded.
  const bytes = Buffer.from(raw);
  if (given) return { given: readGiven(bytes) };
  if (machine === undefined) {
    const { data: _, unprocessed, ...read } = readReport(bytes, pipeline);
    return { read: { ...read, unprocessed: bytesOf(unprocessed) } };
  }
  // Read again: what a thread had in memory between two tasks would have to be kept for each report.
  const { data } = readReport(bytes, pipeline);
  const done = processReport(
    data,
    machineOfText(machine),
    parseExactly(rules) as unknown as AnyRule[],
    discovered,
    pipeline,
  );
  const processed = done.processed === null ? null : bytesOf(done.processed);
  return { processed: { ...done, machine: machineText(done.machine), processed } };
};
/** The entry of a thread for large reports. */
export default (task: Task): Answer => {
  try {
    return work(task);
  } catch (err) {
    if (err instanceof Fault) return { refused: { kind: err.kind, code: err.code, reason: err.params } };
    throw err;
  }
};
